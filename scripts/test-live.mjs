/**
 * `npm run test:live [-- jest arguments]`: the live judges. Starts a tenant made of Dovecot, Postfix and a certified
 * OpenID provider on loopback, runs the tests that the sandbox also has to pass against it, and stops everything.
 *
 * Environment: M365_EMAIL_KEEP=1 keeps the folder (configuration, logs, mail); M365_EMAIL_LIVE_TENANT names the file
 * that describes the tenant to the tests (default: inside that folder).
 */
import { spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DOMAIN = 'contoso.example';
const say = (line) => process.stdout.write(`test:live ${line}\n`);

process.exitCode = await main();

async function main() {
  for (const name of ['jest', 'oidc-provider']) {
    if (existsSync(join(ROOT, 'node_modules', name, 'package.json'))) continue;
    say(`failed: node_modules/${name} is missing. Run "npm ci" first.`);
    return 1;
  }
  // Only now: these files import what node_modules holds.
  const { preparePrograms } = await import('./live/programs.mjs');
  const reason = preparePrograms(say);
  if (reason !== undefined) {
    say(`skipped: ${reason}.`);
    return 0;
  }

  const folder = mkdtempSync(join(tmpdir(), 'm365-email-live-'));
  chmodSync(folder, 0o711); // Dovecot and Postfix drop root and must still find their files.
  const { startGuard } = await import('./live/guard.mjs');
  const callOffGuard = startGuard(folder);
  const abort = new AbortController();
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  const interrupt = (signal) => {
    if (!abort.signal.aborted) say(`${signal}: stopping`);
    abort.abort(new Error(signal));
  };
  for (const signal of signals) process.on(signal, interrupt);

  const started = [];
  const descriptionFile = resolve(process.env.M365_EMAIL_LIVE_TENANT ?? join(folder, 'tenant.json'));
  let code = 1;
  try {
    const description = await startTenant(folder, started, abort.signal);
    writeFileSync(descriptionFile, JSON.stringify(description, null, 2), { mode: 0o600 });
    code = await runJest(folder, descriptionFile, abort.signal);
  } catch (error) {
    if (!abort.signal.aborted)
      say(`failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  } finally {
    await stopAll(folder, started, code !== 0 && !abort.signal.aborted);
    rmSync(descriptionFile, { force: true });
    if (process.env.M365_EMAIL_KEEP === '1') say(`kept ${folder}`);
    else rmSync(folder, { recursive: true, force: true });
    callOffGuard();
    for (const signal of signals) process.off(signal, interrupt);
  }
  // As a shell would say it: 130 for Ctrl-C.
  return abort.signal.aborted ? 128 + constants.signals[abort.signal.reason.message] : code;
}

/** Starts every server, noting each in `started`; answers with what the tests need to know. */
async function startTenant(folder, started, signal) {
  const { freePorts } = await import('./live/ports.mjs');
  const { createCertificates } = await import('./live/certificates.mjs');
  const { startOpenIdProvider } = await import('./live/openid-provider.mjs');
  const { startLoginShim } = await import('./live/login-shim.mjs');
  const { startDovecot } = await import('./live/dovecot.mjs');
  const { startPostfix } = await import('./live/postfix.mjs');

  const timed = async (name, start) => {
    signal.throwIfAborted();
    const from = performance.now();
    const server = await start();
    if (server?.stop) started.push({ name, ...server });
    say(`${name} ready after ${Math.round(performance.now() - from)} ms`);
    return server;
  };
  const person = (name) => ({
    address: `${name}@${DOMAIN}`,
    clientId: randomUUID(),
    clientSecret: randomBytes(20).toString('base64url'),
    password: randomBytes(20).toString('hex'),
  });
  // Dora's mailbox is for foreign mail alone.
  const names = ['anna', 'ben', 'cara', 'carmen', 'dora'];
  const people = Object.fromEntries(names.map((name) => [name, person(name)]));
  const tenantId = randomUUID();
  const userApps = {
    // Any port may stand between host and path.
    desktop: { clientId: randomUUID(), redirectUri: 'http://localhost/sign-in/callback' },
    web: {
      clientId: randomUUID(),
      clientSecret: randomBytes(20).toString('base64url'),
      redirectUri: 'https://connector.example/sign-in/callback',
    },
  };
  const providerLog = join(folder, 'provider.jsonl');
  const ports = await freePorts(['provider', 'login', 'imaps', 'pop3s', 'submission']);

  const certificates = await timed('certificates', () => createCertificates(join(folder, 'tls')));
  const provider = await timed('OpenID provider', () =>
    startOpenIdProvider({
      port: ports.provider,
      certificates,
      people,
      userApps,
      tenantId,
      log: providerLog,
    }),
  );
  await timed('login shim', () =>
    startLoginShim({ port: ports.login, providerPort: ports.provider, tenantId, certificates }),
  );
  const { introspectionUrl } = provider;
  const dovecot = await timed('Dovecot', () =>
    startDovecot({ folder: join(folder, 'dovecot'), ports, certificates, people, introspectionUrl }),
  );
  const { lmtpSocket, saslSocket } = dovecot;
  await timed('Postfix', () =>
    startPostfix({
      folder: join(folder, 'postfix'),
      port: ports.submission,
      domain: DOMAIN,
      certificates,
      people,
      lmtpSocket,
      saslSocket,
    }),
  );
  signal.throwIfAborted();
  return {
    tenantId,
    domain: DOMAIN,
    ca: certificates.root,
    hosts: {
      'login.microsoftonline.com:443': `127.0.0.1:${ports.login}`,
      'outlook.office365.com:993': `127.0.0.1:${ports.imaps}`,
      'outlook.office365.com:995': `127.0.0.1:${ports.pop3s}`,
      'smtp.office365.com:587': `127.0.0.1:${ports.submission}`,
    },
    people,
    userApps,
    providerLog,
  };
}

async function runJest(folder, descriptionFile, signal) {
  // Whatever tests leave in "the" temporary folder goes away with ours.
  const temporary = join(folder, 'tmp');
  mkdirSync(temporary, { mode: 0o700 });
  const jest = spawn(
    process.execPath,
    [
      '--experimental-vm-modules',
      '--no-warnings=ExperimentalWarning',
      join(ROOT, 'node_modules/jest/bin/jest.js'),
      '--config',
      join(ROOT, 'test/live/jest.config.js'),
      '--cacheDirectory', // Also what Jest is recognised by, should it have to be killed as a leftover.
      join(temporary, 'jest'),
      ...process.argv.slice(2),
    ],
    {
      cwd: ROOT,
      stdio: 'inherit',
      env: {
        ...process.env,
        TMPDIR: temporary,
        M365_EMAIL_TENANT: 'live',
        M365_EMAIL_LIVE_TENANT: descriptionFile,
      },
    },
  );
  const stop = () => jest.kill('SIGKILL');
  signal.addEventListener('abort', stop);
  return new Promise((done, reject) => {
    jest.once('error', reject);
    jest.once('exit', (code) => done(code ?? 1));
  });
}

/** Stops the servers, last first, and whatever is left of them; with their last words if something went wrong. */
async function stopAll(folder, started, tellLogs) {
  const { killProcessesOf, waitForProcessesOf } = await import('./live/leftovers.mjs');
  for (const server of started.reverse()) {
    try {
      await server.stop();
    } catch (error) {
      say(`${server.name} did not stop by itself: ${String(error)}`);
    }
    if (tellLogs && server.log && existsSync(server.log)) {
      const lines = readFileSync(server.log, 'utf8').trimEnd().split('\n').slice(-20);
      say(`last lines of the log of ${server.name}:\n  ${lines.join('\n  ')}`);
    }
  }
  await waitForProcessesOf(folder);
  const leftovers = killProcessesOf(folder);
  say(`stopped${leftovers > 0 ? `; leftover processes killed: ${leftovers}` : ''}`);
}

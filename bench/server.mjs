/**
 * A Dovecot of its own with TLS on loopback, where mail is sent a Postfix, and tokens from an OpenID provider, put together
 * of the parts of the live tests (scripts/live). Owns: start, filling, and that nothing stays behind.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ImapFlow } from 'imapflow';
import { createCertificates } from '../scripts/live/certificates.mjs';
import { startDovecot } from '../scripts/live/dovecot.mjs';
import { startGuard } from '../scripts/live/guard.mjs';
import { killProcessesOf, waitForProcessesOf } from '../scripts/live/leftovers.mjs';
import { startLoginShim } from '../scripts/live/login-shim.mjs';
import { startOpenIdProvider } from '../scripts/live/openid-provider.mjs';
import { freePorts } from '../scripts/live/ports.mjs';
import { startPostfix } from '../scripts/live/postfix.mjs';

const SERVER_NAME = 'outlook.office365.com';
const SUBMISSION_NAME = 'smtp.office365.com';
const DOMAIN = 'contoso.example';

/** Answers with how to reach it: bare (`imap`, `pop3`, password) and as the connector does (`net`, `connection`). */
export async function startServer({ takesMail = false } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'm365-email-bench-'));
  chmodSync(folder, 0o711); // Dovecot drops root and must still find its files.
  const callOffGuard = startGuard(folder);
  const started = [];
  const stop = async () => {
    for (const server of started.reverse()) await server.stop();
    await waitForProcessesOf(folder);
    killProcessesOf(folder);
    rmSync(folder, { recursive: true, force: true });
    callOffGuard();
  };
  try {
    const reached = await start(folder, started, takesMail);
    return { ...reached, folder, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(folder, started, takesMail) {
  const anna = {
    address: `anna@${DOMAIN}`,
    clientId: randomUUID(),
    clientSecret: randomBytes(20).toString('base64url'),
    password: randomBytes(20).toString('hex'),
  };
  const tenantId = randomUUID();
  const people = { anna };
  const userApps = {
    desktop: { clientId: randomUUID(), redirectUri: 'http://localhost/' },
    web: { clientId: randomUUID(), clientSecret: randomUUID(), redirectUri: 'https://connector.example/' },
  };
  const ports = await freePorts(['provider', 'login', 'imaps', 'pop3s', 'submission']);
  const certificates = createCertificates(join(folder, 'tls'));
  const log = join(folder, 'provider.jsonl');
  const provider = await startOpenIdProvider({
    port: ports.provider,
    certificates,
    people,
    userApps,
    tenantId,
    log,
  });
  started.push(provider);
  started.push(
    await startLoginShim({ port: ports.login, providerPort: ports.provider, tenantId, certificates }),
  );
  const { introspectionUrl } = provider;
  const dovecot = await startDovecot({
    folder: join(folder, 'dovecot'),
    ports,
    certificates,
    people,
    introspectionUrl,
  });
  started.push(dovecot);
  if (takesMail) {
    const { lmtpSocket, saslSocket } = dovecot;
    const port = ports.submission;
    const at = { folder: join(folder, 'postfix'), port, domain: DOMAIN, certificates, people };
    started.push(await startPostfix({ ...at, lmtpSocket, saslSocket }));
  }
  const bare = { host: '127.0.0.1', servername: SERVER_NAME, ca: certificates.root };
  return {
    imap: { ...bare, port: ports.imaps },
    pop3: { ...bare, port: ports.pop3s },
    smtp: { ...bare, servername: SUBMISSION_NAME, port: ports.submission },
    login: { ...bare, servername: 'login.microsoftonline.com', port: ports.login },
    address: anna.address,
    password: anna.password,
    net: {
      hosts: {
        'login.microsoftonline.com:443': `127.0.0.1:${ports.login}`,
        [`${SERVER_NAME}:993`]: `127.0.0.1:${ports.imaps}`,
        [`${SERVER_NAME}:995`]: `127.0.0.1:${ports.pop3s}`,
        [`${SUBMISSION_NAME}:587`]: `127.0.0.1:${ports.submission}`,
      },
      trustedRoots: [certificates.root],
    },
    connection: {
      tenant: tenantId,
      mailbox: anna.address,
      authentication: { method: 'client-secret', clientId: anna.clientId, clientSecret: anna.clientSecret },
    },
  };
}

/** Puts messages into a folder, one after another; answers with what the sources told of themselves. */
export async function fill({ imap, address, password }, folder, sources) {
  const client = new ImapFlow({
    host: imap.host,
    port: imap.port,
    secure: true,
    servername: imap.servername,
    tls: { ca: imap.ca },
    auth: { user: address, pass: password },
    logger: false,
    disableAutoIdle: true,
  });
  await client.connect();
  try {
    if (folder !== 'INBOX') await client.mailboxCreate(folder);
    for (const source of sources) {
      if ((await client.append(folder, source)) === false) throw new Error(`${folder} took no message`);
    }
  } finally {
    await client.logout();
  }
}

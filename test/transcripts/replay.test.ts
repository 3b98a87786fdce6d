/**
 * Recorded dialogues against the product and against the sandbox. Played back to the real adapters, a bundle must lead
 * to the conclusions that were recorded with it. And the sandbox, brought into the same situation, must say the same as
 * the servers of the bundle: where it does not for Microsoft 365, the differences are a report to read; for a bundle of
 * its own they are a failure. UPDATE_BUNDLES=1 records the sandbox's bundles anew.
 */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { openRecording } from '../../src/cli/recording.js';
import { openConnector, type Check, type TranscriptBundle } from '../../src/index.js';
import { problemsOf, textsIn } from '../../src/manifest/index.js';
import { DEMO, startSandbox } from '../../src/sandbox/index.js';
import {
  bundles,
  conclusionOf,
  type Conclusion,
  FOLDER,
  parametersOf,
  SITUATIONS,
} from './support/bundle.js';
import { comparable, differences } from './support/differences.js';
import { startReplay } from './support/replay-servers.js';

const updating = process.env['UPDATE_BUNDLES'] === '1';
const work = mkdtempSync(join(tmpdir(), 'm365-email-transcripts-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

async function checked(connector: ReturnType<typeof openConnector>, connection: unknown): Promise<Check[]> {
  const checks: Check[] = [];
  for await (const check of connector.check({ connection })) checks.push(check);
  return checks;
}

/** Records the connection test of a sandbox in a situation, as the command line does it. */
async function recordedFrom(situation: string): Promise<TranscriptBundle> {
  const sandbox = await startSandbox();
  try {
    SITUATIONS[situation]?.(sandbox);
    const file = join(work, `${situation}.json`);
    const net = { hosts: sandbox.hosts, trustedRoots: [sandbox.ca] };
    writeFileSync(file, 'old', { mode: 0o644 });
    const connection = {
      tenant: sandbox.tenantId,
      mailbox: DEMO.people.anna.address,
      authentication: { method: 'client-secret', ...DEMO.daemon },
    };
    const connector = openConnector({ net });
    const recording = openRecording(file, { connection, net });
    expect(recording.write(await checked(connector, connection), textsIn('en'))).toContain(file);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    return JSON.parse(readFileSync(file, 'utf8')) as TranscriptBundle;
  } finally {
    await sandbox.stop();
  }
}

/** The connection that a bundle was recorded with, as far as it can be known. */
function connectionOf({ method, cloud, transcript }: TranscriptBundle): unknown {
  const requests = transcript.filter(({ protocol, from }) => protocol === 'https' && from === 'client');
  const tenant = requests[0]?.text.split(/[/\n]/u)[1];
  const clientId = requests.map(({ text }) => parametersOf(text).get('client_id')).find(Boolean);
  const credentials: Readonly<Record<string, object>> = {
    'client-secret': { clientSecret: 'replayed' },
    password: { userName: 'user1@domain1.example', password: 'replayed' },
  };
  if (credentials[method] === undefined)
    throw new Error(`Bundles of the method ${method} cannot be replayed yet.`);
  const authentication = { method, clientId, ...credentials[method] };
  return { cloud, tenant, mailbox: 'user1@domain1.example', authentication };
}

if (updating) {
  test.each(Object.keys(SITUATIONS))('records %s anew', async (situation) => {
    const bundle = { ...(await recordedFrom(situation)), situation };
    writeFileSync(join(FOLDER, `sandbox-${situation}.json`), `${JSON.stringify(bundle, null, 2)}\n`);
  });
} else {
  test('there is a bundle of the sandbox for every situation', () => {
    const own = bundles().filter(([, { origin }]) => origin === 'sandbox');
    expect(new Set(own.map(([, { situation }]) => situation))).toEqual(new Set(Object.keys(SITUATIONS)));
  });
}

for (const [name, bundle] of updating ? [] : bundles()) judge(name, bundle);

/** What the product makes of a bundle's servers, and whether the dialogue went as recorded. */
async function playedBack(
  bundle: TranscriptBundle,
): Promise<{ surprises: readonly string[]; unheard: string[]; checks: Conclusion[] }> {
  const servers = await startReplay(bundle);
  try {
    const { hosts, ca } = servers;
    const net = { hosts, trustedRoots: [ca], connectTimeoutMs: 2000, idleTimeoutMs: 2000 };
    const checks = await checked(openConnector({ net }), connectionOf(bundle));
    return { surprises: servers.surprises, unheard: servers.unheard(), checks: checks.map(conclusionOf) };
  } finally {
    await servers.stop();
  }
}

function judge(name: string, bundle: TranscriptBundle): void {
  describe(name, () => {
    test('is a bundle, and holds nothing private', () => {
      expect(problemsOf('schemas/common/transcript.schema.json', structuredClone(bundle), 'test')).toEqual(
        [],
      );
      const text = JSON.stringify(bundle);
      for (const { address, password } of Object.values(DEMO.people)) {
        expect(text).not.toContain(address);
        expect(text).not.toContain(password);
      }
      for (const secret of [
        DEMO.tenantId,
        DEMO.daemon.clientId,
        DEMO.daemon.clientSecret,
        'eyJ',
        'contoso',
      ]) {
        expect(text).not.toContain(secret);
      }
    });

    test('played back leads to the recorded conclusions', async () => {
      expect(await playedBack(bundle)).toEqual({ surprises: [], unheard: [], checks: bundle.checks });
    });

    test('says what the sandbox says in the same situation', async () => {
      const { situation = '', origin, transcript } = bundle;
      expect(Object.keys(SITUATIONS)).toContain(situation);
      const now = await recordedFrom(situation);
      const found = differences(comparable(transcript), comparable(now.transcript));
      if (origin === 'sandbox') expect(found).toEqual([]);
      // A person reads this one: it is where the sandbox is not like Microsoft 365.
      else if (found.length > 0)
        process.stdout.write(`${situation}, Microsoft 365 (-) and sandbox (+):\n${found.join('\n')}\n`);
    });
  });
}

describe('a replay', () => {
  const changed = (name: string, from: string, to: string): TranscriptBundle => {
    const found = bundles().find(([file]) => file === name)?.[1];
    const text = JSON.stringify(found).replaceAll(from, to);
    expect(text).toContain(to);
    return JSON.parse(text) as TranscriptBundle;
  };

  test('leads elsewhere when the servers say something else', async () => {
    const { checks } = await playedBack(changed('sandbox-secret-expired.json', '7000222', '7000215'));
    expect(checks.find(({ stage }) => stage === 'token')?.code).toBe('client-secret-wrong');
  });

  test('notices that the product says something else', async () => {
    const { surprises } = await playedBack(
      changed('sandbox-all-fine.json', 'EXAMINE INBOX', 'EXAMINE folder1'),
    );
    expect(surprises).toEqual(['imap: EXAMINE INBOX instead of EXAMINE folder1']);
  });

  test('notices what the product no longer says', async () => {
    const { unheard } = await playedBack(
      changed(
        'sandbox-all-fine.json',
        '9 LOGOUT',
        '9 LOGOUT"},{"protocol":"imap","connection":99,"host":"outlook.office365.com","port":993,"from":"client","at":1,"text":"B NOOP',
      ),
    );
    expect(unheard).toEqual(['B NOOP']);
  });
});

describe('the comparison', () => {
  test('finds a line that is missing, new or changed, and nothing else', () => {
    expect(differences(['a', 'b', 'c'], ['a', 'b', 'c'])).toEqual([]);
    expect(differences(['a', 'b', 'c'], ['a', 'c'])).toEqual(['- b']);
    expect(differences(['a', 'c'], ['a', 'b', 'c'])).toEqual(['+ b']);
    expect(differences(['a', 'b'], ['a', 'B'])).toEqual(['- b', '+ B']);
  });
});

/**
 * The POP3 adapter against the sandbox: through a proxy, before a tap, and with the connection cut after any number of
 * bytes. What was read by position must be all there is and nothing twice, however often the connection was lost.
 */
import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { isFailure } from '../../../src/errors/index.js';
import { openPop3Session } from '../../../src/mail/index.js';
import type { Json, ReadingSession } from '../../../src/mail/reading.js';
import { routeTo, type NetPolicy, type TranscriptEntry } from '../../../src/net/index.js';
import type { Sandbox } from '../../../src/sandbox/index.js';
import { ANNA, popToken } from '../../sandbox/support/clients.js';
import { startQuickly } from '../../sandbox/support/start.js';
import { startConnectProxy } from '../../support/connect-proxy.js';
import { startCutProxy, type CutRules } from '../../support/cut-proxy.js';

const POP3 = 'outlook.office365.com:995';
const CONTEXT = { host: 'outlook.office365.com', port: 995, mailbox: ANNA, signedIn: 'app x', trustee: 'x' };

let sandbox: Sandbox;
let token: string;
beforeAll(async () => {
  sandbox = await startQuickly({ seed: false });
  token = await popToken(sandbox);
});
afterAll(async () => {
  expect(sandbox.faults).toEqual([]);
  await sandbox.stop();
});
beforeEach(() => {
  const inbox = sandbox.mailbox(ANNA).folder('INBOX');
  for (const mail of [...inbox.mails]) inbox.remove(mail);
});

const policy = (changes: Partial<NetPolicy> = {}): NetPolicy => ({
  hosts: sandbox.hosts,
  trustedRoots: [sandbox.ca],
  idleTimeoutMs: 2000,
  ...changes,
});
const open = (net: NetPolicy): Promise<ReadingSession> =>
  openPop3Session(routeTo(net, CONTEXT.host, CONTEXT.port), token, CONTEXT);

/** Lines that begin with dots, bytes above 127, and a size that no other has. */
function deliver(count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const body = `.${randomBytes(300 * (index + 1))
      .toString('latin1')
      .replaceAll(/[\r\n]/gu, '.')}\r\n..\r\n`;
    const source = Buffer.from(
      `Subject: Confidential ${index}\r\nMessage-ID: <${index}@x.example>\r\n\r\n${body}`,
      'latin1',
    );
    sandbox.mailbox(ANNA).append('INBOX', source);
    return digest(source);
  });
}
const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** Reads what is new page by page; what was taken and the position behind it are told together. */
async function read(
  session: ReadingSession,
  after: Json | undefined,
  commit: (digests: readonly string[], position: Json) => void,
): Promise<void> {
  for await (const page of session.changes({ after, conditions: [], pageSize: 2 })) {
    const taken: string[] = [];
    for await (const message of session.fetch(page.messages)) {
      const hash = createHash('sha256');
      if (message.kind === 'whole') for await (const piece of message.pieces) hash.update(piece);
      taken.push(hash.digest('hex'));
    }
    commit(taken, page.position);
  }
}

test('messages come byte for byte, through an HTTP proxy as well', async () => {
  const sent = deliver(5);
  const proxy = await startConnectProxy({ hosts: { [sandbox.hosts[POP3]!]: sandbox.hosts[POP3]! } });
  for (const net of [policy(), policy({ proxy: { url: `http://127.0.0.1:${proxy.port}` } })]) {
    const got: string[] = [];
    const session = await open(net);
    await read(session, undefined, (digests) => got.push(...digests));
    await session.close();
    expect(got).toEqual(sent);
  }
  expect(proxy.tunnels).toEqual([sandbox.hosts[POP3]]);
  await proxy.stop();
});

test('a tap hears the dialogue without token, ids and content', async () => {
  deliver(2);
  const entries: TranscriptEntry[] = [];
  const session = await open(policy({ tap: (entry) => void entries.push(entry) }));
  const ids: string[] = [];
  for await (const page of session.find({ conditions: [], order: 'oldest-first', pageSize: 5 })) {
    ids.push(...page.map(({ id }) => id));
    for await (const { header } of session.outlines(page)) expect(header.length).toBeGreaterThan(0);
  }
  await read(session, undefined, () => undefined);
  await session.apply({ kind: 'delete-permanently' }, ids);
  expect(entries.map(({ from, text }) => `${from}: ${text.replace(/\d+ bytes/u, 'N bytes')}`)).toEqual([
    'server: +OK The Microsoft Exchange POP3 service is ready. [<redacted>]',
    'client: AUTH XOAUTH2',
    'server: + ',
    'client: <redacted>',
    'server: +OK User successfully authenticated.',
    'client: CAPA',
    'server: +OK',
    'server: <content, N bytes>',
    'client: LIST',
    'server: +OK',
    'server: <content, N bytes>',
    'client: UIDL',
    'server: +OK',
    'server: <content, N bytes>',
    ...['TOP 1 0', 'TOP 2 0', 'RETR 1', 'RETR 2'].flatMap((command) => [
      `client: ${command}`,
      'server: +OK',
      'server: <content, N bytes>',
    ]),
    ...['DELE 1', 'DELE 2'].flatMap((command) => [`client: ${command}`, 'server: +OK']),
    'client: QUIT',
    'server: +OK Microsoft Exchange Server POP3 server signing off.',
  ]);
  const text = JSON.stringify(entries);
  for (const secret of [token, 'Confidential', ANNA, ...ids]) expect(text).not.toContain(secret);
  expect(new Set(entries.map(({ protocol, port }) => `${protocol} ${port}`))).toEqual(new Set(['pop3 995']));
});

describe('with the connection cut', () => {
  async function through<T>(rules: CutRules, use: (net: NetPolicy) => Promise<T>): Promise<T> {
    const proxy = await startCutProxy(sandbox.hosts[POP3]!, rules);
    try {
      return await use(policy({ hosts: { ...sandbox.hosts, [POP3]: proxy.address } }));
    } finally {
      await proxy.stop();
    }
  }

  test('after any number of bytes of the server: each message once, whole, and none is missing', async () => {
    const sent = deliver(9);
    const whole = await startCutProxy(sandbox.hosts[POP3]!, {});
    const session = await open(policy({ hosts: { [POP3]: whole.address } }));
    await read(session, undefined, () => undefined);
    await session.close();
    const total = whole.seen.fromServer;
    await whole.stop();

    for (let bytes = 0; bytes < total; bytes += 911) {
      const got: string[] = [];
      let position: Json | undefined;
      const attempt = async (net: NetPolicy): Promise<void> => {
        const current = await open(net);
        try {
          await read(current, position, (digests, behind) => {
            got.push(...digests);
            position = behind;
          });
        } finally {
          await current.close();
        }
      };
      await through({ afterServerBytes: bytes }, attempt).catch((error: unknown) => {
        if (!isFailure(error) || error.kind !== 'transient') throw error;
      });
      await attempt(policy());
      expect([bytes, got]).toEqual([bytes, sent]);
    }
  }, 60_000);

  test.each([
    ['before QUIT arrives', (client: number): CutRules => ({ afterClientBytes: client - 1 })],
    ['before QUIT is answered', (client: number): CutRules => ({ replyLostAfterClientBytes: client - 1 })],
  ])('%s: what apply() says of each message is true', async (_when, rules) => {
    deliver(3);
    const idsOf = async (session: ReadingSession): Promise<string[]> => {
      const ids: string[] = [];
      for await (const page of session.find({ conditions: [], order: 'oldest-first', pageSize: 9 }))
        ids.push(...page.map(({ id }) => id));
      return ids;
    };
    const whole = await startCutProxy(sandbox.hosts[POP3]!, {});
    const first = await open(policy({ hosts: { [POP3]: whole.address } }));
    const [id = ''] = await idsOf(first);
    await first.apply({ kind: 'delete-permanently' }, [id]);
    const sentByClient = whole.seen.fromClient;
    await whole.stop();
    expect(sandbox.mailbox(ANNA).messages('INBOX')).toHaveLength(2);

    // The same dialogue, one message fewer; the new session that looks what became of it goes through the same cut.
    await through(rules(sentByClient), async (net) => {
      const session = await open(net);
      const [doomed = '', kept = ''] = await idsOf(session);
      const outcome = await session.apply({ kind: 'delete-permanently' }, [doomed]).then(
        (outcomes) => outcomes.get(doomed),
        (error: unknown) => error,
      );
      const check = await open(policy());
      const left = await idsOf(check);
      await check.close();
      expect(left).toContain(kept);
      if (outcome === 'done') expect(left).not.toContain(doomed);
      else expect(outcome).toMatchObject({ kind: 'transient' });
    });
  });
});

/**
 * The POP3 adapter before a judge that is not ours: Dovecot over TLS, with tokens of a certified OpenID provider. Thousands
 * of messages byte for byte, deletions that took place, and several sessions at once.
 */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { ImapFlow } from 'imapflow';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openPop3Session } from '../../src/mail/index.js';
import type { Json, MessageFacts, ReadingSession } from '../../src/mail/reading.js';
import { routeTo } from '../../src/net/index.js';
import { startCutProxy } from '../support/cut-proxy.js';
import { liveDescription } from '../support/live-tenant.js';
import { addressOf, appToken } from './support/loopback-https.js';

const POP3 = 'outlook.office365.com:995';
const MESSAGES = 2000;

const live = liveDescription();
const { address, password, clientId, clientSecret } = live.people.ben;
const run = randomUUID();
const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
/** By digest: the messages of this file, in the order they were put there. */
const expected = new Map<string, number>();

/** Dots and bytes above 127 where they hurt, and every size from tiny to more than a TLS record. */
function message(index: number): Buffer {
  const body = randomBytes(1 + ((index * 7919) % 40_000))
    .toString('latin1')
    .replaceAll(/[\0\r\n]/gu, '\r\n.');
  return Buffer.from(
    `From: a@x.example\r\nSubject: ${run} ${index}\r\nMessage-ID: <${run}.${index}@x.example>\r\n\r\n.${body}\r\n.\r\n`,
    'latin1',
  );
}

let token: string;
beforeAll(async () => {
  token = await appToken(live, { tenantId: live.tenantId, clientId, clientSecret });
  const client = new ImapFlow({
    ...addressOf(live, 'outlook.office365.com:993'),
    secure: true,
    servername: 'outlook.office365.com',
    tls: { ca: live.ca },
    auth: { user: address, pass: password },
    logger: false,
    disableAutoIdle: true,
  });
  await client.connect();
  for (let index = 0; index < MESSAGES; index += 1) {
    const source = message(index);
    expected.set(digest(source), index);
    await client.append('INBOX', source);
  }
  await client.logout();
}, 120_000);

const sessions: ReadingSession[] = [];
afterAll(async () => {
  for (const session of sessions) await session.close();
});

async function open(hosts = live.hosts): Promise<ReadingSession> {
  const session = await openPop3Session(
    routeTo({ hosts, trustedRoots: [live.ca] }, 'outlook.office365.com', 995),
    token,
    {
      host: 'outlook.office365.com',
      port: 995,
      mailbox: address,
      signedIn: `app ${clientId}`,
      trustee: clientId,
    },
  );
  sessions.push(session);
  return session;
}

/** Digest, id and size of each message, in the order of the server. */
async function readAll(session: ReadingSession): Promise<Map<string, MessageFacts>> {
  const seen = new Map<string, MessageFacts>();
  for await (const page of session.find({ conditions: [], order: 'oldest-first', pageSize: 500 })) {
    for await (const one of session.fetch(page)) {
      if (one.kind !== 'whole') throw new Error('POP3 knows no parts');
      const hash = createHash('sha256');
      let bytes = 0;
      for await (const piece of one.pieces) {
        hash.update(piece);
        bytes += piece.length;
      }
      expect(bytes).toBe(one.facts.statedSize);
      seen.set(hash.digest('hex'), one.facts);
    }
  }
  return seen;
}

/** The messages of this file among those that were read. */
const ours = (seen: ReadonlyMap<string, unknown>): number[] =>
  [...seen.keys()].flatMap((one) => expected.get(one) ?? []);

const inOrder = Array.from({ length: MESSAGES }, (_, index) => index);

test('2,000 of 2,000 messages come byte for byte, in order, with the size that LIST says', async () => {
  expect(ours(await readAll(await open()))).toEqual(inOrder);
});

test('headers come without bodies', async () => {
  const session = await open();
  const page = await firstPage(session, 50);
  let count = 0;
  for await (const { header, facts } of session.outlines(page)) {
    expect(header.length).toBeLessThan(Math.min(1000, facts.statedSize ?? 0));
    expect(header.toString('latin1')).toMatch(/^Message-ID: /mu);
    expect(header.subarray(-2).toString()).toBe('\r\n');
    count += 1;
  }
  expect(count).toBe(50);
});

async function firstPage(session: ReadingSession, pageSize: number): Promise<readonly MessageFacts[]> {
  for await (const page of session.find({ conditions: [], order: 'newest-first', pageSize })) return page;
  return [];
}

test('three sessions at once read all of it, each', async () => {
  const seen = await Promise.all([open(), open(), open()].map(async (session) => readAll(await session)));
  expect(seen.map((one) => ours(one).length)).toEqual([MESSAGES, MESSAGES, MESSAGES]);
});

test('cut after many numbers of bytes, reading by position loses and repeats nothing', async () => {
  const total = await tell();
  for (let part = 1; part < 12; part += 1) {
    const proxy = await startCutProxy(live.hosts[POP3] ?? '', {
      afterServerBytes: Math.floor((total * part) / 12),
    });
    const got: string[] = [];
    let position: Json | undefined;
    const attempt = async (hosts: typeof live.hosts): Promise<void> => {
      const session = await open(hosts);
      for await (const page of session.changes({ after: position, conditions: [], pageSize: 100 })) {
        const taken: string[] = [];
        for await (const one of session.fetch(page.messages)) {
          const hash = createHash('sha256');
          if (one.kind === 'whole') for await (const piece of one.pieces) hash.update(piece);
          taken.push(hash.digest('hex'));
        }
        got.push(...taken);
        position = page.position;
      }
    };
    await expect(attempt({ ...live.hosts, [POP3]: proxy.address })).rejects.toMatchObject({
      kind: 'transient',
    });
    await attempt(live.hosts);
    await proxy.stop();
    expect(got.flatMap((one) => expected.get(one) ?? [])).toEqual(inOrder);
  }
}, 180_000);

/** How many bytes the server says when all is read. */
async function tell(): Promise<number> {
  const proxy = await startCutProxy(live.hosts[POP3] ?? '', {});
  await readAll(await open({ ...live.hosts, [POP3]: proxy.address }));
  await proxy.stop();
  return proxy.seen.fromServer;
}

test('what is deleted for good is gone for the next session, and nothing else', async () => {
  const session = await open();
  const seen = await readAll(session);
  const doomed = [...seen].filter(([one]) => (expected.get(one) ?? 1) % 2 === 0).map(([, { id }]) => id);
  expect(doomed).toHaveLength(MESSAGES / 2);
  const outcomes = await session.apply({ kind: 'delete-permanently' }, doomed);
  expect(new Set(outcomes.values())).toEqual(new Set(['done']));
  expect(session.usable).toBe(false);
  expect(ours(await readAll(await open()))).toEqual(inOrder.filter((index) => index % 2 === 1));
});

test('a message that another session deleted meanwhile is gone, and no obstacle', async () => {
  const [first, second] = [await open(), await open()];
  const page = await firstPage(first, 5);
  await readAll(second);
  const [victim] = page;
  expect((await first.apply({ kind: 'delete-permanently' }, [victim!.id])).get(victim!.id)).toBe('done');
  const left: string[] = [];
  for await (const { facts } of second.fetch(page)) left.push(facts.id);
  expect(left).toEqual(page.slice(1).map(({ id }) => id));
});

test('a wrong token is refused and not told', async () => {
  const route = routeTo({ hosts: live.hosts, trustedRoots: [live.ca] }, 'outlook.office365.com', 995);
  const wrong = `${token.slice(0, -8)}AAAAAAAA`;
  const context = { host: 'outlook.office365.com', port: 995, mailbox: address, signedIn: 'x', trustee: 'x' };
  const failure: unknown = await openPop3Session(route, wrong, context).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'pop3-sign-in-refused' });
  expect(JSON.stringify(failure)).not.toContain(wrong);
});

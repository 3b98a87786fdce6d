/**
 * How the Graph adapter behaves on the wire: tokens, back-offs, the four calls at a time, kept connections, the tap.
 */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { asFailure } from '../../src/errors/index.js';
import type { ReadingSession } from '../../src/mail/reading.js';
import type { TranscriptEntry } from '../../src/net/index.js';
import { DEMO, startSandbox, type Sandbox, type SandboxMailbox } from '../../src/sandbox/index.js';
import { startConnectProxy } from '../support/connect-proxy.js';
import { plainMessage } from '../support/messages.js';
import { appTokens, collect, netOf, openGraph, tokenFor, userTokens } from './support/graph-reading.js';
import { startGraphWire } from './support/graph-wire.js';

let sandbox: Sandbox;
let mailbox: SandboxMailbox;
const open: ReadingSession[] = [];
beforeEach(async () => {
  sandbox = await startSandbox({ seed: false });
  mailbox = sandbox.mailbox(DEMO.people.anna.address);
});
afterEach(async () => {
  for (const session of open.splice(0)) await session.close();
  await sandbox.stop();
  expect(sandbox.faults).toEqual([]);
});

async function session(options: Parameters<typeof openGraph>[1] = {}): Promise<ReadingSession> {
  const opened = await openGraph(sandbox, options);
  open.push(opened);
  return opened;
}

const failing = async (work: Promise<unknown>): Promise<unknown> => {
  try {
    await work;
    return undefined;
  } catch (error) {
    return asFailure(error).toJSON();
  }
};

describe('tokens', () => {
  test('a refused token is replaced once, with the claims that are demanded', async () => {
    const tokens = appTokens(sandbox);
    const reading = await session({ tokens });
    const claims = '{"access_token":{"nbf":{"essential":true,"value":"1"}}}';
    const error = { code: 'InvalidAuthenticationToken', message: 'Access token validation failure.' };
    sandbox.answers.graph({ on: 'any', status: 401, error, claims });
    expect((await reading.openFolder('INBOX', 'read')).path).toBe('INBOX');
    expect(tokens.replaced).toEqual([claims]);
    sandbox.answers.graph({ on: 'get-folder', status: 401, error, times: 2 });
    expect(await failing(reading.openFolder('INBOX', 'read'))).toMatchObject({
      code: 'graph-sign-in-refused',
    });
    expect(tokens.replaced).toEqual([claims, undefined]);
  });

  test('a token for another service, and none for reading, are told apart', async () => {
    const other = await tokenFor(sandbox, 'https://outlook.office365.com/.default');
    const fixed = (token: string) => ({
      current: () => Promise.resolve(token),
      replace: () => Promise.resolve(token),
    });
    const wrong = await session({ tokens: fixed(other) });
    expect(await failing(wrong.folders())).toMatchObject({ code: 'graph-sign-in-refused' });
    sandbox.directory.revokeAppRole(DEMO.graph.clientId, 'Mail.ReadWrite');
    const bare = await session();
    expect(await failing(bare.folders())).toMatchObject({
      code: 'graph-access-denied',
      actor: 'entra-admin',
    });
    sandbox.directory.grantAppRole(DEMO.graph.clientId, 'Mail.Read');
    mailbox.append('INBOX', plainMessage('x'));
    const reader = await session();
    await reader.openFolder('INBOX', 'read');
    const [page] = await collect(reader.find({ conditions: [], order: 'oldest-first', pageSize: 10 }));
    expect(await failing(reader.apply({ kind: 'mark-read' }, [page![0]!.id]))).toMatchObject({
      code: 'graph-access-denied',
    });
  });

  test('a user reads the own mailbox, and another’s with a shared scope and FullAccess only', async () => {
    for (const scope of ['Mail.ReadWrite', 'Mail.ReadWrite.Shared']) {
      sandbox.directory.grantDelegatedScope(DEMO.signIn.clientId, scope);
    }
    const tokens = await userTokens(sandbox, 'anna', 'https://graph.microsoft.com/Mail.ReadWrite.Shared');
    const signedIn = DEMO.people.anna.address;
    for (const name of [signedIn, DEMO.sharedMailbox]) {
      expect(
        (await (await session({ tokens, signedIn, mailbox: name })).openFolder('INBOX', 'read')).path,
      ).toBe('INBOX');
    }
    const strange = await session({ tokens, signedIn, mailbox: DEMO.people.bernd.address });
    expect(await failing(strange.folders())).toMatchObject({ code: 'graph-access-denied' });
    sandbox.directory.revokeSignInSessions(signedIn, Date.now() + 60_000);
    const revoked = await session({ tokens, signedIn });
    expect(await failing(revoked.folders())).toMatchObject({ code: 'sign-in-demanded-again' });
  });
});

describe('back-offs', () => {
  const busy = { code: 'ApplicationThrottled', message: 'Application is over its MailboxConcurrency limit.' };

  test('a short one is waited out, for calls that change something too', async () => {
    const reading = await session();
    mailbox.append('INBOX', plainMessage('x'));
    sandbox.answers.graph({ on: 'any', status: 429, error: busy, retryAfterSeconds: 0, times: 3 });
    await reading.openFolder('INBOX', 'change');
    const [page] = await collect(reading.find({ conditions: [], order: 'oldest-first', pageSize: 10 }));
    sandbox.answers.graph({ on: 'update-message', status: 429, error: busy, retryAfterSeconds: 0, times: 2 });
    const outcomes = await reading.apply({ kind: 'flag' }, [page![0]!.id]);
    expect([...outcomes.values()]).toEqual(['done']);
  });

  test('a long one is told to whoever runs the activity', async () => {
    sandbox.directory.mailbox(DEMO.people.anna.address).graphThrottledSeconds = 92;
    expect(await failing((await session()).folders())).toMatchObject({
      code: 'server-throttled',
      kind: 'throttled',
      retryAfterMs: 92_000,
    });
  });

  test('503 is tried again when nothing is changed, and never when something is', async () => {
    const reading = await session();
    mailbox.append('INBOX', plainMessage('x'));
    const away = { code: 'ServiceNotAvailable', message: 'The service is away.' };
    sandbox.answers.graph({ on: 'list-messages', status: 503, error: away, retryAfterSeconds: 0, times: 3 });
    await reading.openFolder('INBOX', 'change');
    const [page] = await collect(reading.find({ conditions: [], order: 'oldest-first', pageSize: 10 }));
    sandbox.answers.graph({ on: 'copy', status: 503, error: away, retryAfterSeconds: 0 });
    const copy = { kind: 'copy', folder: 'archive', create: false } as const;
    // Whether the copy was made before the answer was lost is not known, so it is not made again.
    const [outcome] = (await reading.apply(copy, [page![0]!.id])).values();
    expect(outcome).toMatchObject({ code: 'action-outcome-unknown' });
    expect(mailbox.messages('Archive')).toEqual([]);
  });

  test('an end of the run ends a wait', async () => {
    const control = new AbortController();
    const reading = await session({ signal: control.signal });
    sandbox.answers.graph({ on: 'any', status: 429, error: busy, retryAfterSeconds: 25, times: 9 });
    const waiting = reading.folders();
    setTimeout(() => control.abort(new Error('enough')), 50);
    await expect(waiting).rejects.toThrow('enough');
  });
});

test('two sessions on one mailbox together keep to four calls at a time', async () => {
  const wire = await startGraphWire(sandbox);
  for (let n = 0; n < 40; n += 1) mailbox.append('INBOX', plainMessage(String(n)));
  const both = [await session({ net: wire.net }), await session({ net: wire.net })];
  await Promise.all(
    both.map(async (reading) => {
      await reading.openFolder('INBOX', 'change');
      const all = (
        await collect(reading.find({ conditions: [], order: 'oldest-first', pageSize: 50 }))
      ).flat();
      await reading.apply(
        { kind: 'mark-read' },
        all.map(({ id }) => id),
      );
    }),
  );
  await wire.stop();
  expect(wire.exchanges.length).toBeGreaterThan(80);
  expect(wire.together()).toBe(4);
  expect(wire.exchanges.filter(({ status }) => status === 429)).toEqual([]);
});

test('a proxy is gone through, and its refusal is told', async () => {
  const proxy = await startConnectProxy({ hosts: sandbox.hosts });
  const net = { trustedRoots: [sandbox.ca], proxy: { url: `http://127.0.0.1:${String(proxy.port)}` } };
  mailbox.append('INBOX', plainMessage('x'));
  const reading = await session({ net });
  expect((await reading.openFolder('INBOX', 'read')).messages).toBe(1);
  const [page] = await collect(reading.find({ conditions: [], order: 'oldest-first', pageSize: 10 }));
  expect(page).toHaveLength(1);
  expect(proxy.tunnels.length).toBeGreaterThan(0);
  await reading.close();
  await proxy.stop();
  const refusing = await startConnectProxy({ hosts: {} });
  const refused = { ...net, proxy: { url: `http://127.0.0.1:${String(refusing.port)}` } };
  expect(await failing((await session({ net: refused })).folders())).toMatchObject({ code: 'proxy-refused' });
  await refusing.stop();
});

test('the tap sees calls, and neither token nor id nor name nor content', async () => {
  const entries: TranscriptEntry[] = [];
  const tokens = appTokens(sandbox);
  mailbox.createFolder('Very private');
  mailbox.append('Very private', plainMessage('secret subject'));
  const reading = await session({ tokens, net: { ...netOf(sandbox), tap: (entry) => entries.push(entry) } });
  const { id } = await reading.openFolder('Very private', 'read');
  const subject = { field: 'subject', contains: 'secret subject' } as const;
  const [page] = await collect(reading.find({ conditions: [subject], order: 'oldest-first', pageSize: 10 }));
  await collect(reading.source(page![0]!.id));
  await failing(reading.openFolder('No such folder', 'read'));
  const text = entries.map((entry) => entry.text).join('\n');
  expect(text).toContain('/messages/<id>/$value');
  expect(text).toContain('HTTP 200');
  for (const secret of [
    await tokens.current(),
    id,
    page![0]!.id,
    'secret subject',
    'Very private',
    'anna@contoso',
  ]) {
    expect(text).not.toContain(secret);
    expect(text).not.toContain(encodeURIComponent(secret));
  }
});

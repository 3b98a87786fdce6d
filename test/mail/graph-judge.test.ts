/**
 * Every call of the Graph adapter and every answer of the sandbox, held against Microsoft's own description. Skipped,
 * and said so, where the description is not at hand: it is not part of the project.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openGraphSubmission } from '../../src/mail/index.js';
import { routeTo } from '../../src/net/index.js';
import { DEMO, startSandbox, type Sandbox } from '../../src/sandbox/index.js';
import { noise } from '../support/messages.js';
import { isDescribed, openJudge, type Judge } from './support/graph-description.js';
import { appTokens, collect, HOST, openGraph, PORT } from './support/graph-reading.js';
import { startGraphWire, type GraphWire } from './support/graph-wire.js';

if (!isDescribed) {
  process.stderr.write(
    'SKIPPED: no description of Microsoft Graph at ../shared/graph-mail (or M365_EMAIL_GRAPH_DESCRIPTION). ' +
      'Calls and answers were not judged by it.\n',
  );
}

(isDescribed ? describe : describe.skip)('Microsoft’s description', () => {
  let sandbox: Sandbox;
  let wire: GraphWire;
  let judge: Judge;
  beforeAll(async () => {
    judge = openJudge();
    sandbox = await startSandbox(); // with believable mail in it
    wire = await startGraphWire(sandbox);
    await useEverything(sandbox, wire);
  }, 60_000);
  afterAll(async () => {
    await wire.stop();
    await sandbox.stop();
  });

  test('has nothing against any call or answer', () => {
    expect(
      wire.exchanges.flatMap((one) => judge(one).map((what) => `${one.method} ${one.path}: ${what}`)),
    ).toEqual([]);
  });

  test('was asked about every kind of call', () => {
    const kinds = new Set(
      wire.exchanges.map(({ method, path }) => {
        const segments = path.split('?')[0]!.split('/').slice(4);
        const words = [
          'mailFolders',
          'childFolders',
          'messages',
          'delta',
          '$value',
          'move',
          'copy',
          'permanentDelete',
          'sendMail',
          'send',
          'attachments',
          'createUploadSession',
        ];
        return `${method} ${segments.map((one) => (words.includes(one) ? one : '*')).join('/')}`;
      }),
    );
    expect([...kinds].sort()).toEqual([
      'DELETE messages/*',
      'GET mailFolders',
      'GET mailFolders/*',
      'GET mailFolders/*/childFolders',
      'GET mailFolders/*/messages',
      'GET mailFolders/*/messages/delta',
      'GET messages/*',
      'GET messages/*/$value',
      'PATCH messages/*',
      'POST mailFolders',
      'POST mailFolders/*/childFolders',
      'POST messages',
      'POST messages/*/attachments',
      'POST messages/*/attachments/createUploadSession',
      'POST messages/*/copy',
      'POST messages/*/move',
      'POST messages/*/permanentDelete',
      'POST messages/*/send',
      'POST sendMail',
    ]);
  });

  test('immutable ids are asked for in every call, and no call is without an id of its own', () => {
    for (const { headers } of wire.exchanges) expect(headers['prefer']).toContain('IdType="ImmutableId"');
    const ids = wire.exchanges.map(({ headers }) => headers['client-request-id']);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('there were never more than four calls at a time', () => {
    expect(wire.together()).toBeGreaterThan(1);
    expect(wire.together()).toBeLessThanOrEqual(4);
  });

  describe('objects, where there is something to object to:', () => {
    const one = (kind: (path: string, method: string) => boolean): GraphWire['exchanges'][number] =>
      wire.exchanges.find(({ path, method }) => kind(path, method))!;
    const changed = (answer: string, change: (value: Record<string, unknown>) => void): string => {
      const value = JSON.parse(answer) as Record<string, unknown>;
      change(value);
      return JSON.stringify(value);
    };

    test('an invented property in an answer', () => {
      const exchange = one((path, method) => method === 'PATCH' && path.includes('/messages/'));
      expect(judge(exchange)).toEqual([]);
      const answer = changed(exchange.answer, (value) => (value['size'] = 17));
      expect(judge({ ...exchange, answer })).not.toEqual([]);
    });

    test('an invented property of a listed message, and a wrong type', () => {
      const exchange = one((path) => path.includes('/messages?'));
      for (const [name, value] of [
        ['seen', true],
        ['isRead', 'yes'],
        ['importance', 'urgent'],
      ]) {
        const answer = changed(exchange.answer, ({ value: list }) =>
          Object.assign((list as object[])[0]!, { [String(name)]: value }),
        );
        expect(judge({ ...exchange, answer })).not.toEqual([]);
      }
    });

    test('an invented property or parameter in a call, an operation that does not exist, a wrong $select', () => {
      const patch = one((_, method) => method === 'PATCH');
      expect(judge({ ...patch, body: '{"isSeen":true}' })).not.toEqual([]);
      const move = one((path) => path.endsWith('/move'));
      expect(judge({ ...move, body: '{"folder":"x"}' })).toHaveLength(2);
      expect(judge({ ...move, path: move.path.replace(/move$/u, 'teleport') })).not.toEqual([]);
      const list = one((path) => path.includes('/messages?'));
      expect(judge({ ...list, path: list.path.replace('isRead', 'isSeen') })).not.toEqual([]);
    });
  });
});

/** All that the adapter can be asked for. */
async function useEverything(sandbox: Sandbox, wire: GraphWire): Promise<void> {
  const session = await openGraph(sandbox, { net: wire.net, tokens: appTokens(sandbox) });
  sandbox.mailbox(DEMO.people.anna.address).createFolder('INBOX/Below');
  await session.folders();
  await session.openFolder('INBOX', 'change');
  const conditions = [
    { field: 'received', since: new Date(0) },
    { field: 'subject', contains: 'e' },
    { field: 'from', contains: 'e' },
    { field: 'importance', is: 'normal' },
    { field: 'flagged', is: false },
    { field: 'sent', since: new Date(0) },
  ] as const;
  await collect(session.find({ conditions, order: 'newest-first', pageSize: 3 }));
  const all = (await collect(session.find({ conditions: [], order: 'oldest-first', pageSize: 3 }))).flat();
  await collect(session.changes({ after: undefined, conditions: [], pageSize: 3 }));
  await session.now();
  const ids = all.map(({ id }) => id);
  await session.facts([...ids, 'AAAA']);
  for await (const message of session.fetch(all)) if (message.kind === 'whole') await collect(message.pieces);
  await collect(session.outlines(all));
  for (const kind of ['mark-read', 'mark-unread', 'flag'] as const) await session.apply({ kind }, ids);
  await session.apply({ kind: 'copy', folder: 'Kept/Copies', create: true }, ids);
  await session.apply({ kind: 'move', folder: 'Kept/Moved', create: true }, ids);
  await session.apply({ kind: 'delete' }, ids);
  await session.apply({ kind: 'delete-permanently' }, ids);
  await session.openFolder('No such folder', 'read').catch(() => undefined);
  await session.close();
  await sendEverything(sandbox, wire);
}

/** Whole, as a draft with a small and a large file, and under another name; drafts that are taken back. */
async function sendEverything(sandbox: Sandbox, wire: GraphWire): Promise<void> {
  const { directory } = sandbox;
  directory.grantAppRole(DEMO.graph.clientId, 'Mail.Send');
  const { anna, bernd } = DEMO.people;
  const sending = await openGraphSubmission(routeTo(wire.net, HOST, PORT), appTokens(sandbox), {
    host: HOST,
    port: PORT,
    mailbox: anna.address,
    signedIn: 'Contoso Graph connector',
    trustee: DEMO.graph.clientId,
    uploadRoute: (host) => routeTo(wire.net, host, 443),
  });
  const message = {
    messageId: '<judged@contoso.example>',
    date: new Date(0),
    from: { address: anna.address },
    to: [{ address: bernd.address }],
    cc: [],
    bcc: [],
    replyTo: [],
    subject: 'Größe',
    text: 'x',
    attachments: [],
  };
  const envelope = { from: anna.address, to: [bernd.address] };
  const attachments = [
    { name: 'klein.bin', content: noise(1000) },
    { name: 'groß.bin', contentId: 'shown', contentType: 'image/png', content: noise(4_000_000) },
  ];
  for (const own of [message, { ...message, attachments }])
    expect((await sending.submit(envelope, own)).outcome).toBe('accepted');
  const foreign = { ...message, from: { name: 'Bernd', address: bernd.address } };
  expect((await sending.submit(envelope, foreign)).outcome).toBe('rejected');
  // As in a national cloud that has no permanentDelete, and after an answer that was lost.
  const refused = { status: 400, error: { code: 'BadRequest', message: 'Not known here.' } };
  sandbox.answers.graph({ on: 'permanent-delete', ...refused });
  expect((await sending.submit(envelope, foreign)).outcome).toBe('rejected');
  sandbox.answers.graph({ on: 'create-draft', ...refused, status: 504 });
  expect((await sending.submit(envelope, foreign)).outcome).toBe('deferred');
  sending.close();
}

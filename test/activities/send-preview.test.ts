/** A preview of Send Email builds what would leave, byte for byte, and reaches nobody. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openConnector, parseMessageSource, type Connector, type SendPreview } from '../../src/index.js';
import { openSandboxTenant } from '../support/sandbox-tenant.js';
import type { TestTenant } from '../support/tenant.js';

let tenant: TestTenant & Awaited<ReturnType<typeof openSandboxTenant>>;
let connector: Connector;
beforeAll(async () => {
  tenant = await openSandboxTenant();
  connector = openConnector({ net: tenant.net });
}, 30_000);
afterAll(() => tenant.stop());

interface Taken {
  readonly preview: SendPreview;
  readonly source: Buffer;
}

async function previews(requests: readonly unknown[], more: object = {}): Promise<Taken[]> {
  const taken: Taken[] = [];
  const input = { connection: tenant.connection('anna'), config: {}, requests, ...more };
  for await (const preview of connector.sending.preview(input)) {
    const pieces: Buffer[] = [];
    if (preview.outcome === 'would-send') for await (const piece of preview.source) pieces.push(piece);
    taken.push({ preview, source: Buffer.concat(pieces) });
  }
  return taken;
}

test('each record is judged and built as it would leave; no server hears of it', async () => {
  const before = tenant.sandbox.requests.tokens.length;
  const [whole, refused] = await previews([
    {
      to: 'Ben <ben@x.example>',
      bcc: [{ address: 'hidden@x.example' }],
      subject: 'Übersicht',
      text: 'Grüße',
      attachments: [{ name: 'a.bin', content: { inline: Buffer.from('abc').toString('base64') } }],
    },
    { subject: 'to nobody' },
  ]);
  expect(whole?.preview).toMatchObject({
    index: 0,
    outcome: 'would-send',
    mailbox: tenant.address('anna'),
    transport: 'smtp',
    from: tenant.address('anna'),
    recipients: ['ben@x.example', 'hidden@x.example'],
  });
  expect(whole?.source.toString('latin1')).not.toContain('hidden@x.example');
  const record = await parseMessageSource(oneOf(whole!.source));
  expect(record).toMatchObject({ subject: 'Übersicht', text: expect.stringContaining('Grüße') });
  expect(record.attachments).toMatchObject([{ name: 'a.bin', size: 3 }]);
  expect(refused?.preview).toMatchObject({
    index: 1,
    outcome: 'would-refuse',
    failure: { code: 'input-invalid', problems: [{ pointer: '/to' }] },
  });
  expect(tenant.sandbox.requests.tokens).toHaveLength(before);
  await expect(tenant.stored('anna', 'Sent Items')).resolves.toHaveLength(0);
});

test('what was sent under its key is said to be, with the Message-ID that it had', async () => {
  const activity = 'previewed';
  const request = { to: tenant.address('ben'), subject: 'once', idempotencyKey: 'invoice 7' };
  const [first] = await previews([request], { activity });
  expect(first?.preview).not.toHaveProperty('before');
  const input = { connection: tenant.connection('anna'), config: {}, requests: [request], activity };
  let sent: string | null = null;
  for await (const { messageId } of connector.run('send-email', input)) sent = messageId;
  const [second] = await previews([request], { activity });
  expect(second?.preview).toMatchObject({ messageId: sent, before: 'accepted' });
  expect(first?.preview).toMatchObject({ messageId: sent });
});

test('a preview that nobody reads does not stand in the way of the next', async () => {
  const seen: number[] = [];
  const requests = [1, 2, 3].map((n) => ({ to: 'a@x.example', subject: String(n) }));
  const input = { connection: tenant.connection('anna'), config: {}, requests };
  for await (const { index } of connector.sending.preview(input)) seen.push(index);
  expect(seen).toEqual([0, 1, 2]);
});

async function* oneOf(source: Buffer): AsyncGenerator<Buffer> {
  yield await Promise.resolve(source);
}

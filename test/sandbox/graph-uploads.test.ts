/** Large files on their way into a draft of the sandbox, as https://learn.microsoft.com/graph/outlook-large-attachments has it. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { HttpsClient, routeTo, type HttpsCall } from '../../src/net/index.js';
import { DEMO, startSandbox, type Sandbox } from '../../src/sandbox/index.js';
import { appTokens, HOST, netOf } from '../mail/support/graph-reading.js';

const UPLOAD_HOST = 'outlook.office.com';
const SIZE = 3_000_001;
const FIRST = 2_000_000;

let now = Date.now();
let sandbox: Sandbox;
let graph: HttpsClient;
let upload: HttpsClient;
let address: URL;

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly json: Record<string, unknown>;
}

async function ask(client: HttpsClient, call: HttpsCall): Promise<Answer> {
  const { status, headers, body } = await client.send(call);
  const pieces: Buffer[] = [];
  for await (const piece of body) pieces.push(piece);
  const text = Buffer.concat(pieces).toString();
  return { status, headers, json: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) };
}

const put = (from: number, to: number): Promise<Answer> =>
  ask(upload, {
    method: 'PUT',
    path: `${address.pathname}${address.search}`,
    headers: { 'content-range': `bytes ${String(from)}-${String(to - 1)}/${String(SIZE)}` },
    body: Buffer.alloc(to - from, 'a'),
  });

beforeAll(async () => {
  sandbox = await startSandbox({ seed: false, now: () => now });
  graph = new HttpsClient(routeTo(netOf(sandbox), HOST, 443), 443, 1);
  upload = new HttpsClient(routeTo(netOf(sandbox), UPLOAD_HOST, 443), 443, 1);
}, 30_000);
afterAll(async () => {
  graph.close();
  upload.close();
  await sandbox.stop();
});
beforeEach(async () => {
  const authorization = `Bearer ${await appTokens(sandbox).current()}`;
  const root = `/v1.0/users/${DEMO.people.anna.address}/messages`;
  const mime = Buffer.from('Subject: x\r\n\r\n').toString('base64');
  const draft = await ask(graph, {
    method: 'POST',
    path: root,
    headers: { authorization, 'content-type': 'text/plain' },
    body: mime,
  });
  const session = await ask(graph, {
    method: 'POST',
    path: `${root}/${encodeURIComponent(String(draft.json['id']))}/attachments/createUploadSession`,
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ AttachmentItem: { attachmentType: 'file', name: 'a.bin', size: SIZE } }),
  });
  expect(session).toMatchObject({ status: 201, json: { nextExpectedRanges: ['0-'] } });
  address = new URL(String(session.json['uploadUrl']));
});

test('a range is answered with 200 and where to go on, the last one with 201 and where the attachment is', async () => {
  expect(await put(0, FIRST)).toMatchObject({
    status: 200,
    json: { nextExpectedRanges: [String(FIRST)] },
  });
  const { status, headers, json } = await put(FIRST, SIZE);
  expect([status, json]).toEqual([201, {}]);
  expect(headers['location']).toMatch(/^https:\/\/outlook\.office\.com\/.*\/Attachments\('[\w-]+'\)$/u);
});

test('a range out of its order is refused', async () => {
  expect((await put(1, FIRST)).status).toBe(416);
});

test('after an hour an upload session is gone', async () => {
  expect((await put(0, FIRST)).status).toBe(200);
  now += 60 * 60 * 1000;
  expect((await put(FIRST, SIZE)).status).toBe(404);
});

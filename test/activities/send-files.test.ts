/** Files of the machine as attachments, whoever plays the tenant: those of allowed folders arrive, no other one is read. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  isFailure,
  openConnector,
  parseMessageSource,
  type Connector,
  type SendEmailResponse,
} from '../../src/index.js';
import { SendableFiles } from '../../src/activities/send-email/files.js';
import { noise } from '../support/messages.js';
import { openTenant, SEND_TRANSPORTS } from '../support/open-tenant.js';
import type { TestTenant } from '../support/tenant.js';

let tenant: TestTenant;
let connector: Connector;
let place: string;
let allowed: string;
let ben: string;
const CONTENT = noise(200_000);

beforeAll(async () => {
  tenant = await openTenant();
  ben = tenant.address('ben');
  place = mkdtempSync(join(tmpdir(), 'm365-email-send-files-'));
  allowed = join(place, 'allowed');
  mkdirSync(join(allowed, 'sub'), { recursive: true });
  mkdirSync(join(place, 'allowed-not'));
  writeFileSync(join(allowed, 'sub', 'list.bin'), CONTENT);
  writeFileSync(join(place, 'secret.txt'), 'secret');
  writeFileSync(join(place, 'allowed-not', 'secret.txt'), 'secret');
  symlinkSync(join(place, 'secret.txt'), join(allowed, 'link.txt'));
  symlinkSync(place, join(allowed, 'up'));
  symlinkSync('sub/list.bin', join(allowed, 'inner.bin'));
  symlinkSync(allowed, join(place, 'other-name'));
  execFileSync('mkfifo', [join(allowed, 'pipe')]);
  connector = openConnector({ net: tenant.net, sendFileFolders: [join(place, 'other-name')] });
}, 30_000);
afterAll(async () => {
  await tenant.stop();
  rmSync(place, { recursive: true, force: true });
});

async function* oneOf(source: Buffer): AsyncGenerator<Buffer> {
  yield await Promise.resolve(source);
}

describe.each(SEND_TRANSPORTS)('over %s:', (transport) => {
  async function send(file: string, using = connector): Promise<SendEmailResponse> {
    const connection = tenant.connection('anna', transport === 'graph' ? 'graph-sending' : 'smtp');
    const requests = [{ to: ben, attachments: [{ name: 'list.bin', content: { file } }] }];
    for await (const response of using.run('send-email', { connection, config: { transport }, requests }))
      return response;
    throw new Error('No answer.');
  }

  test.each<[string, () => string]>([
    ['named from the folder', () => join('sub', 'list.bin')],
    ['named with the folder', () => join(place, 'other-name', 'sub', 'list.bin')],
    ['named where the folder really is', () => join(allowed, 'sub', 'list.bin')],
    ['behind a link within the folder', () => 'inner.bin'],
  ])('a file %s arrives byte for byte', async (_name, file) => {
    const response = await send(file());
    expect(response).toMatchObject({ outcome: 'accepted' });
    const { source } = await tenant.arrived('ben', response.messageId!);
    const { attachments } = await parseMessageSource(oneOf(source));
    const sha256 = createHash('sha256').update(CONTENT).digest('hex');
    expect(attachments).toMatchObject([{ name: 'list.bin', size: CONTENT.length, sha256 }]);
  });

  test.each<[string, () => string]>([
    ['above the folder', () => join('..', 'secret.txt')],
    ['above and back', () => join('sub', '..', '..', 'secret.txt')],
    ['elsewhere', () => join(place, 'secret.txt')],
    ['in a folder whose name begins alike', () => join(place, 'allowed-not', 'secret.txt')],
    ['behind a link that leads out', () => 'link.txt'],
    ['behind a linked folder that leads out', () => join('up', 'secret.txt')],
    ['elsewhere that is not there', () => join(place, 'none.txt')],
  ])('a file %s is refused', async (_name, file) => {
    await expect(send(file())).resolves.toMatchObject({
      outcome: 'rejected',
      failure: { kind: 'input', code: 'attachment-file-not-allowed', parameters: { file: file() } },
    });
  });

  test.each([
    ['missing', 'none.bin', 'ENOENT'],
    ['a folder', 'sub', 'not a file'],
    ['a pipe', 'pipe', 'not a file'],
  ])('what is %s is refused by name', async (_name, file, serverText) => {
    await expect(send(file)).resolves.toMatchObject({
      outcome: 'rejected',
      failure: { code: 'attachment-file-unreadable', parameters: { file }, serverText },
    });
  });

  test('a message that was read into files is forwarded from there', async () => {
    const message = {
      from: [{ name: '', address: 'x@x.example' }],
      automatic: { mayBeAnswered: true, signs: [] },
      attachments: [{ name: 'list.bin', file: join(allowed, 'sub', 'list.bin') }],
    };
    const connection = tenant.connection('anna', transport === 'graph' ? 'graph-sending' : 'smtp');
    const requests = [{ to: ben, answerTo: { how: 'forward', message } }];
    for await (const response of connector.run('send-email', {
      connection,
      config: { transport },
      requests,
    })) {
      expect(response).toMatchObject({ outcome: 'accepted' });
      const { source } = await tenant.arrived('ben', response.messageId!);
      const { attachments } = await parseMessageSource(oneOf(source));
      expect(attachments).toMatchObject([{ name: 'list.bin', size: CONTENT.length }]);
    }
    expect.assertions(2);
  });

  test('without a folder that the operator allows no file is sent', async () => {
    const closed = openConnector({ net: tenant.net });
    for (const file of ['sub/list.bin', join(allowed, 'sub', 'list.bin')])
      await expect(send(file, closed)).resolves.toMatchObject({
        outcome: 'rejected',
        failure: { code: 'attachment-file-not-allowed' },
      });
  });
});

test('a preview refuses the same files', async () => {
  const requests = ['link.txt', 'none.bin', 'inner.bin'].map((file) => ({
    to: ben,
    attachments: [{ name: 'a', content: { file } }],
  }));
  const outcomes: string[] = [];
  const input = { connection: tenant.connection('anna'), config: {}, requests };
  for await (const preview of connector.sending.preview(input))
    outcomes.push(preview.outcome === 'would-refuse' ? preview.failure.code : preview.outcome);
  expect(outcomes).toEqual(['attachment-file-not-allowed', 'attachment-file-unreadable', 'would-send']);
});

describe('between judging and reading', () => {
  let files: SendableFiles;
  let file: string;
  beforeEach(() => {
    files = new SendableFiles([allowed]);
    file = join(allowed, 'changing.txt');
    rmSync(file, { force: true });
    writeFileSync(file, 'as judged');
    files.assert(file);
  });

  async function codeOf(work: Promise<unknown>): Promise<string> {
    try {
      await work;
    } catch (error) {
      if (isFailure(error)) return error.code;
      throw error;
    }
    return 'none';
  }

  test('a file that becomes a link out of the folder is not read', async () => {
    rmSync(file);
    symlinkSync(join(place, 'secret.txt'), file);
    await expect(codeOf(buffer(files.open(file)))).resolves.toBe('attachment-file-not-allowed');
  });

  test('it is read as it is when it is opened, each time anew', async () => {
    await expect(buffer(files.open(file)).then(String)).resolves.toBe('as judged');
    writeFileSync(file, 'as opened');
    await expect(buffer(files.open(file)).then(String)).resolves.toBe('as opened');
  });

  test('one that is shortened while it is read is not sent as if it were whole', async () => {
    writeFileSync(file, noise(1_000_000));
    const stream = files.open(file);
    const reading = (async () => {
      for await (const piece of stream) if (Buffer.isBuffer(piece)) truncateSync(file, 100_000);
    })();
    await expect(codeOf(reading)).resolves.toBe('attachment-file-unreadable');
  });

  test('a stream that is given up closes its file', async () => {
    linkSync(join(allowed, 'sub', 'list.bin'), join(allowed, 'linked.bin'));
    const stream = files.open('linked.bin');
    for await (const piece of stream) if (Buffer.isBuffer(piece)) break;
    expect(stream.destroyed).toBe(true);
    const cancel = new AbortController();
    cancel.abort(new Error('given up'));
    await expect(buffer(files.open('linked.bin', cancel.signal))).rejects.toThrow('given up');
  });
});

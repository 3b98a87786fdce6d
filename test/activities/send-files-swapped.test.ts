/** A file that is exchanged between the moment it is judged and the moment it is opened, whichever of the two was looked at. */
import {
  mkdirSync,
  mkdtempSync,
  promises,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeEach, expect, jest, test } from '@jest/globals';

let beforeOpening = (): void => undefined;
let afterOpening = (): void => undefined;
jest.unstable_mockModule('node:fs/promises', () => ({
  ...promises,
  open: async (...given: Parameters<typeof promises.open>) => {
    beforeOpening();
    const handle = await promises.open(...given);
    afterOpening();
    return handle;
  },
}));
const { SendableFiles } = await import('../../src/activities/send-email/files.js');

const place = realpathSync(mkdtempSync(join(tmpdir(), 'm365-email-send-swapped-')));
const allowed = join(place, 'allowed');
const file = join(allowed, 'a.txt');
const link = join(allowed, 'link');
afterAll(() => rmSync(place, { recursive: true, force: true }));
beforeEach(() => {
  rmSync(allowed, { recursive: true, force: true });
  mkdirSync(allowed);
  writeFileSync(file, 'allowed');
  writeFileSync(join(place, 'secret.txt'), 'secret');
  symlinkSync(join(place, 'secret.txt'), link);
  beforeOpening = () => undefined;
  afterOpening = () => undefined;
});

const read = async (): Promise<string> => String(await buffer(new SendableFiles([allowed]).open(file)));

function putLink(): void {
  renameSync(file, join(allowed, 'kept'));
  renameSync(link, file);
}

function putBack(): void {
  rmSync(file);
  renameSync(join(allowed, 'kept'), file);
}

test('one that nobody touches is read', async () => {
  await expect(read()).resolves.toBe('allowed');
});

test('a link that takes its place before it is opened leads nowhere', async () => {
  beforeOpening = putLink;
  await expect(read()).rejects.toMatchObject({ code: 'attachment-file-not-allowed' });
});

test('a link that is there only while it is opened leads nowhere', async () => {
  beforeOpening = putLink;
  afterOpening = putBack;
  await expect(read()).rejects.toMatchObject({ code: 'attachment-file-not-allowed' });
});

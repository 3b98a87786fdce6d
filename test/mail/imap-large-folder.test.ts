/**
 * A folder of 100,000 messages is listed from the first to the last, and searched from the newest on, in a process whose
 * memory does not grow with it.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { plainMessage } from '../support/messages.js';
import { openSandboxTenant } from '../support/sandbox-tenant.js';
import { appToken } from './support/imap-reading.js';

const MESSAGES = 100_000;
/** Every so many is unread; all of them are searched, these are listed. */
const UNREAD_EVERY = 10;
const MAX_GROWTH_BYTES = 80 * 1024 * 1024;

interface Listing {
  readonly listed: number;
  readonly isOrdered: boolean;
  readonly position: { readonly uid: number };
  readonly found: number;
  readonly startBytes: number;
  readonly peakBytes: number;
}

test('100,000 messages are listed in bounded memory', async () => {
  const tenant = await openSandboxTenant();
  try {
    const mailbox = tenant.address('anna');
    const bytes = plainMessage('one of many');
    for (let at = 1; at <= MESSAGES; at += 1) {
      const flags = at % UNREAD_EVERY === 0 ? [] : ['\\Seen'];
      tenant.sandbox.mailbox(mailbox).append('Archive', bytes, { flags });
    }
    const token = await appToken(tenant, 'anna');
    const input = JSON.stringify({ net: tenant.net, token, mailbox, folder: 'archive' });
    const { stdout } = await promisify(execFile)(process.execPath, [
      'test/mail/support/list-folder.mjs',
      input,
    ]);
    const listing = JSON.parse(stdout) as Listing;
    expect(listing).toMatchObject({
      listed: MESSAGES / UNREAD_EVERY,
      isOrdered: true,
      position: { uid: MESSAGES },
      found: 1000,
    });
    expect(listing.peakBytes - listing.startBytes).toBeLessThan(MAX_GROWTH_BYTES);
  } finally {
    await tenant.stop();
  }
}, 120_000);

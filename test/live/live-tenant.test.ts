/** The live tenant as a test port: what the side doors put in is what they show, whatever the product does. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { liveDescription } from '../support/live-tenant.js';
import { openTenant } from '../support/open-tenant.js';
import type { TestTenant } from '../support/tenant.js';

const message = (id: string): Buffer =>
  Buffer.from(
    `Message-ID: ${id}\r\nReferences: <before${id.slice(1)}\r\nSubject: x\r\n\r\n.\r\n\xe9`,
    'latin1',
  );
const freshId = (): string => `<${randomUUID()}@contoso.example>`;

describe('the live tenant', () => {
  let tenant: TestTenant;
  beforeAll(async () => {
    tenant = await openTenant();
  });
  afterAll(() => tenant.stop());

  test('is what openTenant() opens here, with one app-only connection per person', () => {
    expect(tenant.kind).toBe('live');
    expect(tenant.address('ben')).toBe('ben@contoso.example');
    expect(tenant.connection('anna')).toEqual({
      tenant: liveDescription().tenantId,
      mailbox: 'anna@contoso.example',
      authentication: {
        method: 'client-secret',
        clientId: expect.stringMatching(/^[0-9a-f-]{36}$/u) as unknown,
        clientSecret: expect.any(String) as unknown,
      },
    });
  });

  test('keeps delivered bytes and flags, unread by default, in the order they came', async () => {
    const folder = await tenant.freshFolder('anna');
    expect(await tenant.stored('anna', folder)).toEqual([]);
    const sources = [message(freshId()), message(freshId())] as const;
    await tenant.deliver('anna', folder, sources[0], {
      flags: ['\\Seen', '$Custom'],
      internalDate: new Date(0),
    });
    await tenant.deliver('anna', folder, sources[1]);
    expect(await tenant.stored('anna', folder)).toEqual([
      { uid: 1, flags: ['$Custom', '\\Seen'], source: sources[0] },
      { uid: 2, flags: [], source: sources[1] },
    ]);
    // Looking changed nothing.
    expect((await tenant.stored('anna', folder))[1]?.flags).toEqual([]);
  });

  test('gives every caller a folder of its own', async () => {
    const folders = await Promise.all([tenant.freshFolder('ben'), tenant.freshFolder('ben')]);
    expect(new Set(folders).size).toBe(2);
  });

  test('sees a message arrive by its own id, not by one that merely mentions it', async () => {
    const id = freshId();
    const arrival = tenant.arrived('ben', id);
    await tenant.deliver('ben', 'INBOX', message(`<longer${id.slice(1)}`));
    await tenant.deliver('ben', 'INBOX', message(id));
    expect((await arrival).source).toEqual(message(id));
  });
});

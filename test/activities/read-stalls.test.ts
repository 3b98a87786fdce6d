/**
 * Read Email on a line that stays open and says nothing any more, in the middle of a download: over every transport that the
 * tenant offers it is noticed once the server has been silent for `idleTimeoutMs`, the host is told, and the run goes on with
 * nothing lost, nothing delivered twice and nothing damaged. So it is with a connection that is cut.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openTenant } from '../support/open-tenant.js';
import type { TestTenant } from '../support/tenant.js';
import { assertWhole, course, HOSTS } from './support/cut-course.js';

const IS_LIVE = process.env['M365_EMAIL_TENANT'] === 'live';
/** Long enough for a busy machine, which is not silent. */
const IDLE_MS = 3000;
/** Most of the dialogue, so that the middle of it is the middle of the download; still within the record. */
const ATTACHED = 900_000;

let tenant: TestTenant;
beforeAll(async () => {
  tenant = await openTenant();
}, 30_000);
afterAll(() => tenant.stop());

describe.each(['imap', 'pop3', 'graph'] as const)('over %s', (transport) => {
  test.each([
    ['is silent', 'swallow', 'host-timed-out'],
    ['is cut', 'cut', 'connection-lost'],
  ] as const)(
    'a line that %s within a download is told of, and the run goes on',
    async (_what, how, code) => {
      if (tenant.net.hosts[HOSTS[transport]] === undefined) {
        expect([tenant.kind, transport]).toEqual(['live', 'graph']);
        return;
      }
      const action = transport === 'pop3' ? 'delete-permanently' : 'mark-read';
      const person = IS_LIVE && transport === 'pop3' ? 'cara' : 'anna';
      const net = { idleTimeoutMs: IDLE_MS };
      const plan = { transport, action, person, how, net, attached: ATTACHED } as const;
      const result = await course(tenant, plan, 'fromServer', ATTACHED / 2);
      expect(result.wasCut).toBe(true);
      assertWhole(action, result);
      expect(result.intact).toEqual([true]);
      expect(result.resumed).toMatchObject([{ failure: { code, retryable: true } }]);
      const [{ failure, waitedMs } = { failure: undefined, waitedMs: 0 }] = result.resumed;
      expect(`${String(failure?.parameters?.['host'])}:${String(failure?.parameters?.['port'])}`).toBe(
        HOSTS[transport],
      );
      expect(waitedMs).toBeGreaterThan(0);
    },
    60_000,
  );

  test('of a good line nothing is told', async () => {
    if (tenant.net.hosts[HOSTS[transport]] === undefined) return;
    const action = transport === 'pop3' ? 'delete-permanently' : 'mark-read';
    const person = IS_LIVE && transport === 'pop3' ? 'cara' : 'anna';
    const result = await course(
      tenant,
      { transport, action, person, attached: ATTACHED },
      'fromServer',
      Infinity,
    );
    assertWhole(action, result);
    expect(result).toMatchObject({ wasCut: false, resumed: [], intact: [true] });
  }, 60_000);
});

/**
 * Read Email with `take: new`, the connection lost once at byte N of a run, of its settle(), or of the run after it, for many
 * N in both directions, over every transport that the tenant offers, while new mail arrives; and the same for the sign-in.
 * Nothing is lost, nothing is delivered twice, every message ends where the action puts it, and nobody is shown an error.
 * M365_EMAIL_CUT_POINTS sets how many N there are of each kind (all that differ: 1000).
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { stagesOf, type Direction } from '../support/one-cut.js';
import { openTenant } from '../support/open-tenant.js';
import type { Person, TestTenant } from '../support/tenant.js';
import { assertWhole, course, HOSTS, inLanes, LOGIN, type Action, type Plan } from './support/cut-course.js';

const IS_LIVE = process.env['M365_EMAIL_TENANT'] === 'live';
const POINTS = Number(process.env['M365_EMAIL_CUT_POINTS'] ?? (IS_LIVE ? 4 : 9));
const PATIENCE_MS = 30_000 + POINTS * 6000;
const DIRECTIONS: readonly Direction[] = ['fromServer', 'fromClient'];

const ACTIONS: Readonly<Record<keyof typeof HOSTS, readonly Action[]>> = {
  imap: ['mark-read', 'move', 'copy', 'delete', 'delete-permanently'],
  pop3: ['none', 'delete-permanently'],
  graph: ['mark-read', 'move', 'copy', 'delete', 'delete-permanently'],
};

let tenant: TestTenant;
beforeAll(async () => {
  tenant = await openTenant();
}, 30_000);
afterAll(() => tenant.stop());

/** Whose mailboxes may be worked on at the same time; other tests of a live tenant have mailboxes, too. */
function lanesFor(transport: keyof typeof HOSTS, action: Action): readonly Person[] {
  if (transport === 'pop3') return IS_LIVE ? ['cara'] : ['anna', 'ben', 'cara'];
  // Deleted Items has another name in other languages.
  return action === 'delete' || IS_LIVE
    ? ['anna', 'anna', 'anna', 'anna']
    : ['anna', 'ben', 'cara', 'anna', 'ben', 'cara'];
}

async function cutAtMany(plan: Omit<Plan, 'person'>, direction: Direction, most: number): Promise<void> {
  const { transport, action } = plan;
  const lanes = lanesFor(transport, action);
  const [person = 'anna'] = lanes;
  const clean = await course(tenant, { ...plan, person }, direction, Infinity);
  assertWhole(action, clean);
  const points = stagesOf(clean.pieces[direction], most);
  expect(points.length).toBeGreaterThan(1);
  const results = await inLanes(lanes, points, async (one, after) => {
    const result = await course(tenant, { ...plan, person: one }, direction, after);
    expect({ after, errors: result.errors }).toEqual({ after, errors: [] });
    assertWhole(action, result);
    return result;
  });
  // The last pieces of one dialogue may be missing in the next.
  expect(results.filter(({ wasCut }) => wasCut).length).toBeGreaterThanOrEqual(points.length * 0.7);
}

for (const transport of ['imap', 'pop3', 'graph'] as const) {
  describe(`over ${transport}`, () => {
    /** What the tenant does not offer is said, not passed over. */
    const isOffered = (): boolean => {
      if (tenant.net.hosts[HOSTS[transport]] !== undefined) return true;
      expect([tenant.kind, transport]).toEqual(['live', 'graph']);
      return false;
    };

    test.each(ACTIONS[transport].flatMap((action) => DIRECTIONS.map((direction) => ({ action, direction }))))(
      `$action is done once to each message, cut at ${String(POINTS)} points $direction`,
      async ({ action, direction }) => {
        if (isOffered()) await cutAtMany({ transport, action }, direction, POINTS);
      },
      PATIENCE_MS,
    );

    test.each(DIRECTIONS)(
      'a token request that is cut is made again, %s',
      async (direction) => {
        const action = transport === 'pop3' ? 'delete-permanently' : 'move';
        if (isOffered())
          await cutAtMany({ transport, action, host: LOGIN }, direction, Math.ceil(POINTS / 2));
      },
      PATIENCE_MS,
    );

    test.each(ACTIONS[transport].filter((action) => action !== 'copy'))(
      'a consumer that ends between batch and settle gets the batch again, and %s is done once',
      async (action) => {
        if (!isOffered()) return;
        const [person = 'anna'] = lanesFor(transport, action);
        const plan = { transport, action, person, forgetsSettle: true };
        assertWhole(action, await course(tenant, plan, 'fromServer', Infinity));
      },
      30_000,
    );
  });
}

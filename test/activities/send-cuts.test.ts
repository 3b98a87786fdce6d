/**
 * Send Email with an idempotency key on a line that is cut, at any byte of commands and replies in both directions and within
 * the message, and then given again over a good line: no message arrives twice, none is called accepted that did not arrive,
 * and few stay unknown. M365_EMAIL_CUT_POINTS sets how many cuts there are in each stretch (all: 100000).
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openTenant } from '../support/open-tenant.js';
import type { TestTenant } from '../support/tenant.js';
import {
  cutAt,
  sampleOf,
  sendCourse,
  stretchesOf,
  type SendPlan,
  type Stretch,
} from './support/send-course.js';

const IS_LIVE = process.env['M365_EMAIL_TENANT'] === 'live';
const POINTS = Number(process.env['M365_EMAIL_CUT_POINTS'] ?? (IS_LIVE ? 4 : 12));
const PATIENCE_MS = 60_000 + Math.min(POINTS, 10_000) * 3000;
let tenant: TestTenant;
beforeAll(async () => {
  tenant = await openTenant();
}, 30_000);
afterAll(() => tenant.stop());

const RIGHTS = [
  ['where nothing can be read', false, 0.1],
  ['where Sent Items can be read', true, 0.01],
] as const;

// The real servers of the tests keep no copy in Sent Items.
test.each(IS_LIVE ? RIGHTS.slice(0, 1) : RIGHTS)(
  'over SMTP, %s',
  async (where, reads, most) => {
    const plan: SendPlan = { transport: 'smtp', host: 'smtp', reads, text: 20_000 };
    const clean = await sendCourse(tenant, 'anna', plan, { way: 'fromClient', after: Infinity });
    expect([clean.first?.outcome, clean.second.repeated]).toEqual(['accepted', true]);
    const stretches = stretchesOf(clean.line.turns);
    const of = (name: Stretch['name']): number =>
      stretches.find((stretch) => stretch.name === name)?.points.length ?? 0;
    expect([of('data') > 64, of('end')]).toEqual([true, 64]);
    expect(of('reply')).toBeGreaterThan(20);
    let unknown = 0;
    const all = stretches.reduce((sum, { points }) => sum + points.length, 0);
    for (const { name, points } of stretches) {
      if (points.length === 0) continue;
      const courses = await cutAt(tenant, plan, sampleOf(points, POINTS));
      const left = courses.filter(({ second }) => second.outcome === 'unknown');
      unknown += (left.length / courses.length) * points.length;
      process.stderr.write(
        `${where}, ${name}: ${String(left.length)} of ${String(courses.length)} cuts unknown, ` +
          `${String(points.length)} places\n`,
      );
      if (reads && name === 'reply') expect(left).toEqual([]);
    }
    process.stderr.write(`${where}: ${((unknown / all) * 100).toFixed(2)} % of ${String(all)} unknown\n`);
    expect(unknown / all).toBeLessThanOrEqual(most);
  },
  PATIENCE_MS,
);

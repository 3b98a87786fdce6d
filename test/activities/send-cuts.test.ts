/**
 * Send Email with an idempotency key on a line that is cut, at any byte of commands and replies in both directions and within
 * the message, and then given again over a good line: no message arrives twice, none is called accepted that did not arrive,
 * and few stay unknown. M365_EMAIL_CUT_POINTS sets how many cuts there are in each stretch (all: 100000).
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openTenant } from '../support/open-tenant.js';
import type { Person, TestTenant } from '../support/tenant.js';
import { inLanes } from './support/cut-course.js';
import {
  sampleOf,
  sendCourse,
  stretchesOf,
  type CutPoint,
  type SendCourse,
  type SendPlan,
  type Stretch,
} from './support/send-course.js';

const IS_LIVE = process.env['M365_EMAIL_TENANT'] === 'live';
const POINTS = Number(process.env['M365_EMAIL_CUT_POINTS'] ?? (IS_LIVE ? 4 : 12));
const PATIENCE_MS = 60_000 + Math.min(POINTS, 10_000) * 3000;
/** A mailbox has three connections. */
const LANES: readonly Person[] = IS_LIVE
  ? ['anna', 'anna']
  : ['anna', 'ben', 'cara', 'anna', 'ben', 'cara', 'anna', 'ben'];

let tenant: TestTenant;
beforeAll(async () => {
  tenant = await openTenant();
}, 30_000);
afterAll(() => tenant.stop());

async function copiesBySubject(): Promise<Map<string, number>> {
  const copies = new Map<string, number>();
  for (const { source } of await tenant.stored('ben', 'INBOX')) {
    const subject = /^Subject: (.*)\r$/mu.exec(source.toString('latin1'))?.[1] ?? '';
    copies.set(subject, (copies.get(subject) ?? 0) + 1);
  }
  return copies;
}

/** Nothing twice, nothing claimed, and a second try ends in one of two ways. */
async function assertOnce(courses: readonly (SendCourse & { readonly point: CutPoint })[]): Promise<void> {
  // The sandbox has delivered what it accepted.
  for (const { second } of courses)
    if (IS_LIVE && second.outcome === 'accepted') await tenant.arrived('ben', second.messageId ?? '');
  const copies = await copiesBySubject();
  for (const { subject, first, second, point } of courses) {
    const arrived = copies.get(subject) ?? 0;
    const told = { point, first: first?.outcome, second: second.outcome, failure: second.failure?.code };
    expect({ ...told, arrived }).toEqual({ ...told, arrived: arrived === 0 ? 0 : 1 });
    expect(['accepted', 'unknown']).toContain(second.outcome);
    if (first?.outcome === 'accepted' || second.outcome === 'accepted')
      expect({ ...told, arrived }).toEqual({ ...told, arrived: 1 });
    if (first?.outcome === 'accepted') expect(second).toMatchObject({ outcome: 'accepted', repeated: true });
  }
}

async function cut(plan: SendPlan, points: readonly CutPoint[]) {
  const at = points.map((_, index) => index);
  const courses = await inLanes(LANES, at, async (person, index) => {
    const point = points[index] ?? { way: 'fromClient', after: 0 };
    return { ...(await sendCourse(tenant, person, plan, point)), point };
  });
  await assertOnce(courses);
  return courses;
}

test.each([
  ['where Sent Items can be read', true, 0.01],
  ['where nothing can be read', false, 0.1],
] as const)(
  'over SMTP, %s',
  async (where, reads, most) => {
    // Real servers of the tests keep no copy in Sent Items.
    if (IS_LIVE && reads) return;
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
      const courses = await cut(plan, sampleOf(points, POINTS));
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

/**
 * Send Email over Graph with an idempotency key on a line that is cut at every step, and then given again over a good line: no
 * message arrives twice, none is called accepted that did not arrive, and only the call that sends can stay unknown.
 * M365_EMAIL_CUT_POINTS sets how many cuts there are.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { DEMO } from '../../src/sandbox/index.js';
import type { Direction } from '../support/one-cut.js';
import { openSandboxTenant } from '../support/sandbox-tenant.js';
import { cutAt, sampleOf, sendCourse, stepsOf, type SendPlan } from '../activities/support/send-course.js';

const POINTS = Number(process.env['M365_EMAIL_CUT_POINTS'] ?? 12);
const PATIENCE_MS = 60_000 + Math.min(POINTS, 10_000) * 3000;

let tenant: Awaited<ReturnType<typeof openSandboxTenant>>;
beforeAll(async () => {
  tenant = await openSandboxTenant();
}, 30_000);
afterAll(() => tenant.stop());

/** A file of this size goes in an upload session with two ranges. */
const LARGE_FILE = 5_000_000;
const NEARLY = 16;

const graphPlans = [
  { name: 'a message in one call', host: 'graph', reads: true, attached: 20_000 },
  { name: 'a message in one call, where nothing can be read', host: 'graph', reads: false, attached: 20_000 },
  { name: 'a draft with a large file', host: 'graph', reads: true, attached: LARGE_FILE },
  { name: 'the ranges of a large file', host: 'upload', reads: true, attached: LARGE_FILE },
] as const;

test.each(graphPlans)(
  'at every step of $name',
  async ({ name, host, reads, attached }) => {
    const plan: SendPlan = { transport: 'graph', host, reads, text: 100, attached };
    const { appRoles } = tenant.sandbox.directory.application(DEMO.graphSender.clientId);
    if (!reads) appRoles.delete('Mail.ReadWrite');
    else appRoles.add('Mail.ReadWrite');
    const clean = await sendCourse(tenant, 'anna', plan, { way: 'fromClient', after: Infinity });
    expect([clean.first?.outcome, clean.second.repeated]).toEqual(['accepted', true]);
    const { turns } = clean.line;
    const points = sampleOf(stepsOf(turns), 2 * POINTS);
    const courses = await cutAt(tenant, plan, points);
    const left = courses.filter(({ second }) => second.outcome === 'unknown');
    process.stderr.write(`${name}: ${String(left.length)} of ${String(courses.length)} cuts unknown\n`);
    expect(courses.filter(({ wasCut }) => wasCut).length).toBeGreaterThanOrEqual(points.length * 0.7);
    const last = (way: Direction): number => turns.findLast((turn) => turn.way === way)?.start ?? 0;
    // Only the call that sends, and its answer, leave a doubt; no dialogue is as long as the next.
    const doubtful = left.map(({ point }) => point.after - last(point.way) > -NEARLY);
    expect(doubtful.every((is) => is)).toBe(true);
    if (reads) expect(left.filter(({ point }) => point.way === 'fromServer')).toEqual([]);
    if (host === 'upload') expect(left).toEqual([]);
  },
  PATIENCE_MS,
);

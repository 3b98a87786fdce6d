/**
 * Send Email over Graph with an idempotency key on a line that is cut, at any byte of calls and answers in both directions, on each
 * of its lines (for the token, for the calls, for a large file; within a file sampled), and then given again over a good line: no message arrives twice, none is called accepted
 * that did not arrive, and few stay unknown. M365_EMAIL_CUT_POINTS sets how many cuts there are in each stretch.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { DEMO } from '../../src/sandbox/index.js';
import { openSandboxTenant } from '../support/sandbox-tenant.js';
import {
  callStretchesOf,
  cutAt,
  sampleOf,
  sendCourse,
  type SendPlan,
} from '../activities/support/send-course.js';

const POINTS = Number(process.env['M365_EMAIL_CUT_POINTS'] ?? 6);
const PATIENCE_MS = 120_000 + Math.min(POINTS, 10_000) * 4000;

let tenant: Awaited<ReturnType<typeof openSandboxTenant>>;
beforeAll(async () => {
  tenant = await openSandboxTenant();
}, 30_000);
afterAll(() => tenant.stop());

/** A file of this size goes in an upload session with two ranges. */
const LARGE_FILE = 5_000_000;

const RIGHTS = [
  ['a message in one call', ['login', 'graph'], true, 20_000],
  ['a message in one call, where nothing can be read', ['login', 'graph'], false, 20_000],
  ['a draft with a large file', ['login', 'graph', 'upload'], true, LARGE_FILE],
] as const;

test.each(RIGHTS)(
  '%s',
  async (name, lines, reads, attached) => {
    const { appRoles } = tenant.sandbox.directory.application(DEMO.graphSender.clientId);
    if (!reads) appRoles.delete('Mail.ReadWrite');
    else appRoles.add('Mail.ReadWrite');
    let all = 0;
    let unknown = 0;
    for (const host of lines) {
      const plan: SendPlan = { transport: 'graph', host, reads, text: 100, attached };
      const clean = await sendCourse(tenant, 'anna', plan, { way: 'fromClient', after: Infinity });
      expect([clean.first?.outcome, clean.second.repeated]).toEqual(['accepted', true]);
      for (const { name: stretch, points } of callStretchesOf(clean.line.turns)) {
        const courses = await cutAt(tenant, plan, sampleOf(points, POINTS));
        const left = courses.filter(({ second }) => second.outcome === 'unknown');
        unknown += (left.length / Math.max(courses.length, 1)) * points.length;
        all += points.length;
        process.stderr.write(
          `${name}, ${host}, ${stretch}: ${String(left.length)} of ${String(courses.length)} cuts unknown, ` +
            `${String(points.length)} places\n`,
        );
        const cut = courses.filter(({ wasCut }) => wasCut).length;
        // No dialogue is as long as the next.
        expect(cut).toBeGreaterThanOrEqual(courses.length * 0.5);
        // Only the call that sends, and its answer where nobody can look, leave a doubt.
        if (host !== 'graph' || stretch === 'before' || (reads && stretch === 'reply'))
          expect(left).toEqual([]);
      }
    }
    process.stderr.write(`${name}: ${((unknown / all) * 100).toFixed(2)} % of ${String(all)} unknown\n`);
    expect(unknown / all).toBeLessThanOrEqual(reads ? 0.01 : 0.1);
  },
  PATIENCE_MS,
);

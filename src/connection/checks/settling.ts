/**
 * "Not yet" instead of "wrong": what an administrator changed a moment ago may take up to two hours to work everywhere at
 * Microsoft. Owns: remembering how the last test of a connection ended, so that an improvement tells when something
 * was changed. Must not: change what a stage found.
 */
import { createHash } from 'node:crypto';
import type { Check, Microsoft365Connection } from '../../generated/types.js';
import { loadManifest } from '../../manifest/index.js';
import type { State } from '../../state/index.js';

const COLLECTION = 'test-outcomes';
const MINUTE_MS = 60_000;
const REMEMBER_MS = 24 * 60 * MINUTE_MS;

/** How a test ended: where it stood, never what it saw. */
interface Outcome {
  readonly failures: readonly string[];
  readonly passed: readonly string[];
  /** Milliseconds since 1970; absent until something improved. */
  readonly changedAt?: number;
}

function keyOf({ cloud, tenant, mailbox, authentication }: Microsoft365Connection): string {
  const identity = [cloud, tenant, mailbox, authentication.method, authentication.clientId];
  return createHash('sha256').update(JSON.stringify(identity).toLowerCase()).digest('base64url');
}

/** Which check it is: the one of a list of mailboxes is another than that of a mailbox alone. */
function placeOf({ stage, transport, mailbox }: Check): string {
  return `${[stage, transport ?? '', mailbox?.toLowerCase() ?? ''].join('|')}|`;
}

function settlesWithin({ failure }: Check): number {
  const entry = loadManifest().failures.find(({ code }) => code === failure?.code);
  return (entry?.settlesWithinMinutes ?? 0) * MINUTE_MS;
}

export class Settling {
  readonly #state: State;
  readonly #now: () => number;
  readonly #key: string;
  readonly #before: Outcome | undefined;
  readonly #failures: string[] = [];
  readonly #passed: string[] = [];
  #changedAt: number | undefined;
  /** A person has said when. */
  readonly #said: boolean;

  private constructor(
    state: State,
    now: () => number,
    key: string,
    before: Outcome | undefined,
    changedAt: number | undefined,
  ) {
    this.#state = state;
    this.#now = now;
    this.#key = key;
    this.#before = before;
    this.#said = changedAt !== undefined && Number.isFinite(changedAt);
    // The clock of who says it may be ahead of ours.
    this.#changedAt = this.#said ? Math.min(changedAt ?? 0, now()) : before?.changedAt;
  }

  /** @param changedAt when a person says that something was changed, in milliseconds since 1970; NaN is no time, what lies ahead is now */
  static async of(
    settings: Microsoft365Connection,
    state: State,
    now: () => number,
    changedAt?: number,
  ): Promise<Settling> {
    const key = keyOf(settings);
    const entry = await state.get(COLLECTION, key);
    return new Settling(state, now, key, entry?.value as Outcome | undefined, changedAt);
  }

  /** The check, with the time until which it may still come right by itself. */
  judge(check: Check): Check {
    if (check.status === 'passed') {
      // It failed here last time: somebody has changed something since.
      const failedBefore = this.#before?.failures.some((sign) => sign.startsWith(placeOf(check))) ?? false;
      if (failedBefore) this.#changedAt = this.#now();
      this.#passed.push(placeOf(check));
      return check;
    }
    if (check.status !== 'failed') return check;
    this.#failures.push(placeOf(check) + (check.failure?.code ?? ''));
    // What worked last time has been broken since: waiting mends nothing.
    const brokenSince = !this.#said && (this.#before?.passed.includes(placeOf(check)) ?? false);
    if (this.#changedAt === undefined || brokenSince) return check;
    const until = this.#changedAt + settlesWithin(check);
    return until > this.#now() ? { ...check, settling: { until: new Date(until).toISOString() } } : check;
  }

  async remember(): Promise<void> {
    const outcome = {
      failures: this.#failures,
      passed: this.#passed,
      // When all is well, whatever was changed has arrived.
      ...(this.#changedAt === undefined || this.#failures.length === 0 ? {} : { changedAt: this.#changedAt }),
    };
    await this.#state.put(COLLECTION, this.#key, outcome, {
      expect: 'any',
      expiresAt: this.#now() + REMEMBER_MS,
    });
  }
}

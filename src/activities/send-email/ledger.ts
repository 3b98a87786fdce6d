/**
 * What was sent under which key, and how it ended. Owns: how that is kept, and that one process at a time sends under a
 * key. Must not: send, or judge whether to send.
 *
 * `submitting` is written before the first byte of a message leaves. Whoever finds it, and nobody at work on it, knows that
 * a process ended in between: the message may have been sent.
 */
import { randomUUID } from 'node:crypto';
import type { SendEmailResponse } from '../../generated/types.js';
import { keepLease, type Clock } from '../../budget/index.js';
import type { Json, State } from '../../state/index.js';
import { digestOf, type Keyed } from './identity.js';

const SENT = 'sent';
/** Apart, so that a report that comes in does not get in the way of a message being sent. */
const REPORTS = 'sent-reports';
const MOST_REPORTS = 1000;
const DAY_MS = 24 * 60 * 60 * 1000;
/** So long a key is remembered, as what Read Email did is. */
const REMEMBER_DAYS = 400;
/** After a process has ended without a word, its keys are taken for abandoned when this has passed. */
export const CLAIM_MS = 30_000;

/** What is answered for a record, wherever it stands in the run. */
export type Answer = Omit<SendEmailResponse, 'index' | 'repeated'>;

/** What a report that came back says about a recipient. */
export interface Reported {
  readonly recipient: string | null;
  /** failed, delayed, delivered, relayed, expanded; of a receipt displayed, deleted …; or what the reporter wrote. */
  readonly action: string;
  /** Enhanced status code (RFC 3463). */
  readonly status?: string;
  readonly diagnostic?: string;
  /** ISO 8601. */
  readonly reportedAt?: string;
  /** contentKey of the report. */
  readonly report: string;
}

export interface Sent {
  /** As the host gave it. */
  readonly key: string;
  readonly stage: 'submitting' | SendEmailResponse['outcome'];
  /** Digest of what was sent. */
  readonly content: string;
  readonly messageId: string;
  /** The Date field, ISO 8601. */
  readonly date: string;
  readonly mailbox: string;
  /** Tries so far, with the one under way. */
  readonly attempts: number;
  /** Of the latest change, ISO 8601. */
  readonly at: string;
  /** Missing while it is being submitted. */
  readonly answer?: Answer;
}

/** The right to send under a key; nobody else has it meanwhile. */
export interface Claim {
  readonly known: Sent | undefined;
  /** Writes it down; the promise ends when it is safe. @returns false when the right was lost: nothing was written */
  note(sent: Sent): Promise<boolean>;
  release(): Promise<void>;
}

export class Ledger {
  readonly #state: State;
  readonly #clock: Clock;

  constructor(state: State, clock: Clock) {
    this.#state = state;
    this.#clock = clock;
  }

  async find(keyed: Keyed): Promise<Sent | undefined> {
    const entry = await this.#state.get(SENT, keyOf(keyed));
    return entry?.value as unknown as Sent | undefined;
  }

  /** By the Message-ID that follows from the key. */
  async findMessage(activity: string, messageId: string): Promise<Sent | undefined> {
    const entry = await this.#state.get(SENT, keyOfMessage(activity, messageId));
    const sent = entry?.value as unknown as Sent | undefined;
    return sent?.messageId === messageId ? sent : undefined;
  }

  async reports(keyed: Keyed): Promise<readonly Reported[]> {
    const entry = await this.#state.get(REPORTS, keyOf(keyed));
    return (entry?.value ?? []) as unknown as readonly Reported[];
  }

  /** Those of one report that is known are not added again. */
  async addReports(activity: string, messageId: string, reported: readonly Reported[]): Promise<void> {
    const key = keyOfMessage(activity, messageId);
    for (;;) {
      const entry = await this.#state.get(REPORTS, key);
      const known = (entry?.value ?? []) as unknown as readonly Reported[];
      const added = reported.filter(({ report }) => !known.some((one) => one.report === report));
      if (added.length === 0) return;
      const value = [...known, ...added].slice(-MOST_REPORTS) as unknown as Json;
      const expiresAt = this.#clock.now() + REMEMBER_DAYS * DAY_MS;
      if (await this.#state.put(REPORTS, key, value, { expect: entry?.version ?? 'absent', expiresAt }))
        return;
    }
  }

  /** Undefined while somebody else has the right. */
  async claim(keyed: Keyed): Promise<Claim | undefined> {
    const key = keyOf(keyed);
    const lease = await this.#state.lease(`${SENT}/${key}`, { holder: randomUUID(), ttlMs: CLAIM_MS });
    if (lease === undefined) return undefined;
    const release = keepLease(lease, CLAIM_MS, this.#clock); // a large message takes longer than a claim lasts
    try {
      const entry = await this.#state.get(SENT, key);
      let expect = entry?.version ?? ('absent' as const);
      const note = async (sent: Sent): Promise<boolean> => {
        const value = sent as unknown as Json;
        const expiresAt = this.#clock.now() + REMEMBER_DAYS * DAY_MS;
        const write = { collection: SENT, key, value, expect, expiresAt };
        if (!(await this.#state.commit([write], { under: lease }))) return false;
        expect = (await this.#state.get(SENT, key))?.version ?? 'absent';
        return true;
      };
      return { known: entry?.value as unknown as Sent | undefined, note, release };
    } catch (error) {
      await release();
      throw error;
    }
  }
}

/** The local part of a Message-ID of ours is the digest of the key; of any other it finds nothing. */
const keyOfMessage = (activity: string, messageId: string): string =>
  `${encodeURIComponent(activity)}/${messageId.replace(/^</u, '').split('@', 1)[0] ?? ''}`;

const keyOf = ({ activity, key }: Keyed): string =>
  `${encodeURIComponent(activity)}/${digestOf(activity, key)}`;

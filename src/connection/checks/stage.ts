/**
 * Runs one stage of a connection test and records how it went. Owns: time, skipping, and that every outcome
 * becomes a Check. Must not: know what a stage does.
 */
import { asFailure, type Failure } from '../../errors/index.js';
import type { Check } from '../../generated/types.js';
import type { Transport } from '../access.js';

export type Evidence = Check['evidence'];
export type StageId = Check['stage'];

/** What a stage found when it did not fail. */
export interface Finding {
  readonly status?: 'passed' | 'warning' | 'not-verifiable';
  readonly evidence?: Evidence;
  readonly failure?: Failure;
}

export interface Stage {
  readonly stage: StageId;
  readonly transport?: Transport | undefined;
  /** Earlier stages without which this one is pointless: skipped unless all of them passed. */
  readonly needs: readonly (Check | undefined)[];
  readonly work: () => Promise<Finding>;
}

/** The check of a stage. Never throws, except when the test itself is cancelled. */
export async function runStage(
  { stage, transport, needs, work }: Stage,
  signal?: AbortSignal,
): Promise<Check> {
  const base = { stage, ...(transport === undefined ? {} : { transport }) };
  const blocking = needs.find((need) => need?.status === 'failed' || need?.status === 'skipped');
  if (blocking !== undefined) {
    return {
      ...base,
      status: 'skipped',
      durationMs: 0,
      evidence: {},
      skippedBecause: blocking.skippedBecause ?? blocking.stage,
    };
  }
  const start = performance.now();
  const elapsed = (): number => Math.round(performance.now() - start);
  try {
    signal?.throwIfAborted();
    const { status = 'passed', evidence = {}, failure } = await work();
    return {
      ...base,
      status,
      durationMs: elapsed(),
      evidence,
      ...(failure === undefined ? {} : { failure: failure.toJSON() }),
    };
  } catch (error) {
    if (signal?.aborted === true) throw signal.reason;
    const { failure, evidence } =
      error instanceof StageFailure ? error : { failure: asFailure(error), evidence: {} };
    return { ...base, status: 'failed', durationMs: elapsed(), evidence, failure: failure.toJSON() };
  }
}

/** A failure together with what was seen, for a stage that has evidence even when it fails. */
export class StageFailure extends Error {
  readonly failure: Failure;
  readonly evidence: Evidence;

  constructor(failure: Failure, evidence: Evidence) {
    super(failure.code);
    this.failure = failure;
    this.evidence = evidence;
  }
}

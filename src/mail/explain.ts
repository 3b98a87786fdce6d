/** Who judges which condition, for each transport. */
import { explainGraph } from './graph/explain.js';
import { explainImap } from './imap/explain.js';
import { explainPop3 } from './pop3/explain.js';
import type { Condition, ConditionPlan, Explain, ReadTransport } from './reading.js';

const EXPLAIN: Readonly<Record<ReadTransport, Explain>> = {
  imap: explainImap,
  pop3: explainPop3,
  graph: explainGraph,
};

/** @param purpose find: whatever matches. changes: what has come since a position */
export const explain = (
  transport: ReadTransport,
  conditions: readonly Condition[],
  purpose: 'find' | 'changes',
): readonly ConditionPlan[] => EXPLAIN[transport](conditions, purpose);

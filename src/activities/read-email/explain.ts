/** What a configuration would ask of the server and what it would judge here, without a connection. Must not: fetch anything. */
import type { ReadEmailConfig, ReadEmailRequest } from '../../generated/types.js';
import { explain, type ConditionPlan, type ReadTransport } from '../../mail/index.js';
import { assertReadable, conditionsOf, transportOf } from './selection.js';

export interface ReadingPlan {
  readonly transport: ReadTransport;
  readonly conditions: readonly ConditionPlan[];
}

/** @throws Failure settings-invalid */
export function explainReading(config: ReadEmailConfig, request: ReadEmailRequest): ReadingPlan {
  assertReadable(config, request);
  const transport = transportOf(config);
  const purpose = config.take === 'new' ? 'changes' : 'find';
  return { transport, conditions: explain(transport, conditionsOf(config, request), purpose) };
}

/** What other rooms may use of this one. */
export { systemClock, type Clock } from './clock.js';
export { keepLease } from './kept-lease.js';
export { knownLimits, type KnownLimits, type SendingLimits } from './limits.js';
export { pauseBefore } from './retries.js';
export { SendingBudget, type Grant, type Patience, type Wait } from './sending-budget.js';

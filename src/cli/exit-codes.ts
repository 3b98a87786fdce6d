/** Exit codes by kind of failure, so that a script can tell what to do next. 2 is the shell's own "wrong usage". */
import type { FailureKind } from '../errors/index.js';

export const EXIT_CODES: Readonly<Record<'ok' | 'usage' | 'cancelled' | FailureKind, number>> = {
  ok: 0,
  internal: 1,
  usage: 2,
  config: 10,
  auth: 11,
  permission: 12,
  input: 13,
  'not-found': 14,
  conflict: 15,
  throttled: 16,
  transient: 17,
  protocol: 18,
  limit: 19,
  cancelled: 130,
};

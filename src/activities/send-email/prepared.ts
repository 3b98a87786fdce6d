/** A request as a message that could be sent. Owns: the order of judgement. Must not: send, or remember. */
import { keyedOf, type Keyed } from './identity.js';
import { effectiveMessage, type EffectiveMessage } from './effective.js';
import { withAddressLists } from './recipients.js';
import type { SendContext } from './send.js';

export interface Prepared {
  readonly message: EffectiveMessage;
  /** undefined: sent each time it is given. */
  readonly keyed: Keyed | undefined;
}

/** @throws Failure input-invalid, override-not-allowed, key-needs-activity, and those of templates */
export function prepared(
  { access, config, templates, validate, activity }: SendContext,
  raw: unknown,
): Prepared {
  const request = validate(withAddressLists(raw));
  const message = effectiveMessage(access.settings, templates.filled(config, request), request);
  return { message, keyed: keyedOf(message, request.idempotencyKey, activity) };
}

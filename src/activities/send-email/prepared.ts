/** A request as a message that could be sent. Owns: the order of judgement. Must not: send, or remember. */
import { keyedOf, type Keyed } from './identity.js';
import { Failure } from '../../errors/index.js';
import { brokenTexts } from './addresses.js';
import { effectiveMessage, type EffectiveMessage } from './effective.js';
import { withAddressLists } from './recipients.js';
import { answering } from './reply.js';
import type { SendContext } from './send.js';

export interface Prepared {
  readonly message: EffectiveMessage;
  /** undefined: sent each time it is given. */
  readonly keyed: Keyed | undefined;
}

/** @throws Failure input-invalid, override-not-allowed, key-needs-activity, and those of templates, answers and files */
export function prepared(
  { access, config, templates, files, validate, activity }: SendContext,
  raw: unknown,
): Prepared {
  const request = validate(withAddressLists(raw));
  const problems = brokenTexts(request);
  if (problems.length > 0) throw new Failure('input-invalid', { problems });
  const filled = templates.filled(config, request);
  const answer = answering(access.settings, filled, request);
  const message = effectiveMessage(access.settings, answer.config, answer.request);
  for (const { content } of message.attachments) if ('file' in content) files.assert(content.file);
  return { message, keyed: keyedOf(message, request.idempotencyKey, activity) };
}

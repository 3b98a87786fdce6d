/**
 * No storms: two programs must not answer each other without end (RFC 3834). Owns: which messages are not answered, and how
 * many answers a correspondent gets. Must not: know how a message is sent.
 */
import { Failure } from '../../errors/index.js';
import type { AnswerTo, SendEmailConfig } from '../../generated/types.js';
import type { State } from '../../state/index.js';
import { sameAddress } from '../mailbox-choice.js';
import type { EffectiveMessage } from './effective.js';
import { digestOf } from './identity.js';

const DAY_MS = 24 * 60 * 60 * 1000;
/** That of the schema. */
const ANSWERS = 5;

type Reason = 'null-return-path' | 'report' | 'own-mail' | 'list-or-bulk' | 'automatic';

/** @param own addresses of the mailbox @throws Failure answer-not-wanted */
export function assertAnswerable(answerTo: AnswerTo, own: readonly string[]): void {
  const reason = reasonAgainst(answerTo, own);
  // Whoever wrote without a return path says that no answer can be taken; no wish of ours changes that.
  if (reason === undefined || (answerTo.anyway === true && reason !== 'null-return-path')) return;
  throw new Failure('answer-not-wanted', { parameters: { reason } });
}

/** A forwarded message goes to others, who may want a report or a newsletter; only what this mailbox wrote would go round. */
function reasonAgainst({ message, how }: AnswerTo, own: readonly string[]): Reason | undefined {
  const { automatic, report, from } = message;
  const isOwn = from.some(({ address }) => own.some((one) => sameAddress(one, address)));
  if (how === 'forward') return isOwn ? 'own-mail' : undefined;
  const signs = automatic.signs.map((sign) => sign.toLowerCase());
  const has = (...starts: readonly string[]): boolean =>
    signs.some((sign) => starts.some((start) => sign.startsWith(start)));
  if (has('return-path:')) return 'null-return-path';
  if (report !== undefined && report !== null) return 'report';
  if (isOwn) return 'own-mail';
  if (automatic.mayBeAnswered) return undefined;
  const isAutomatic = automatic.isAutomatic ?? has('auto-submitted:');
  return !isAutomatic && has('list-', 'precedence:') ? 'list-or-bulk' : 'automatic';
}

export class Storms {
  readonly #state: State;

  constructor(state: State) {
    this.#state = state;
  }

  /** Counts an automatic answer. @returns why it must not be sent */
  async against(
    { mailbox, to, marks }: EffectiveMessage,
    { answersPerCorrespondent = ANSWERS }: SendEmailConfig,
    messageId: string,
  ): Promise<Failure | undefined> {
    if (marks.answers !== true || !marks.automatic) return undefined;
    for (const { address } of to) {
      const name = `answers/${digestOf(mailbox.toLowerCase(), address.toLowerCase())}`;
      const spent = await this.#state.spend(name, {
        amount: 1,
        limit: answersPerCorrespondent,
        windowMs: DAY_MS,
        // Another try is no other answer.
        id: messageId,
      });
      if (!spent.granted)
        return new Failure('answer-limit-reached', {
          parameters: { address, limit: answersPerCorrespondent },
        });
    }
    return undefined;
  }
}

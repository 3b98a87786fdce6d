/**
 * Send Email without sending: every message is judged and built as it would leave. Owns: what a preview tells. Must not:
 * reach a server, but for the content of referenced attachments; change what is remembered.
 */
import { asFailure } from '../../errors/index.js';
import type { FailureReport } from '../../generated/types.js';
import { composeMessage, type Outcome, type SendTransport } from '../../mail/index.js';
import { identityOf } from './identity.js';
import { envelopeOf, outgoingMessage } from './outgoing.js';
import { partsOf } from './parts.js';
import { prepared } from './prepared.js';
import type { SendContext } from './send.js';

export type SendPreview = {
  /** Position of the request among those given, from 0. */
  readonly index: number;
} & (
  | {
      readonly outcome: 'would-send';
      readonly mailbox: string;
      readonly transport: SendTransport;
      readonly from: string;
      /** Each once: to, cc and bcc. */
      readonly recipients: readonly string[];
      /** In so many messages, where it has more recipients than one may have; `messageId` and `source` are of the first. */
      readonly parts?: number;
      /** With its angle brackets; another one next time where the request has no idempotency key. */
      readonly messageId: string;
      /** How it ended before under the same key: accepted is not sent again. */
      readonly before?: Outcome | 'submitting';
      /**
       * The message (RFC 5322) as it would leave, without blind copy recipients. To be read to its end, or left alone, before
       * the next preview is asked for. @throws Failure where an attachment cannot be had
       */
      readonly source: AsyncIterable<Buffer>;
    }
  | { readonly outcome: 'would-refuse'; readonly failure: FailureReport }
);

export async function* previewSending(
  context: SendContext,
  requests: Iterable<unknown> | AsyncIterable<unknown>,
): AsyncGenerator<SendPreview> {
  let index = 0;
  for await (const raw of requests) {
    context.signal?.throwIfAborted();
    const preview = await previewOf(context, raw, index);
    index += 1;
    try {
      yield preview.shown;
    } finally {
      preview.release();
    }
  }
}

async function previewOf(
  context: SendContext,
  raw: unknown,
  index: number,
): Promise<{ shown: SendPreview; release: () => void }> {
  const { access, config, openContent, signal, ledger } = context;
  try {
    const whole = prepared(context, raw);
    const parts = partsOf(whole, config);
    const { message, keyed } = parts[0] ?? whole;
    const before = keyed === undefined ? undefined : await ledger.find(keyed);
    const identity = identityOf(message, keyed, access.now());
    const { from } = envelopeOf(message);
    const { to } = envelopeOf(whole.message);
    const { source, release } = await composeMessage(outgoingMessage(message, identity, openContent, signal));
    const shown = {
      index,
      outcome: 'would-send' as const,
      mailbox: message.mailbox,
      transport: config.transport ?? 'smtp',
      from,
      recipients: to,
      messageId: identity.messageId,
      ...(parts.length === 1 ? {} : { parts: parts.length }),
      ...(before === undefined ? {} : { before: before.stage }),
      source: source as AsyncIterable<Buffer>,
    };
    return { shown, release };
  } catch (error) {
    const failure = asFailure(error).toJSON();
    return { shown: { index, outcome: 'would-refuse', failure }, release: () => undefined };
  }
}

/**
 * How results and failures leave the server. Owns: the stream of lines (NDJSON) and the failure's status and body.
 * Must not: write a request's content anywhere; it holds secrets.
 */
import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { asFailure, type FailureKind } from '../errors/index.js';
import type { FailureReport } from '../generated/types.js';
import type { Connector, ReadableFailure } from '../index.js';

/** A failure, and the same for a reader. */
export interface FailureAnswer {
  readonly failure: FailureReport;
  readonly text: ReadableFailure;
}

/** The caller's mistake is 4xx; what Microsoft refused or did not answer came from behind us: 502. */
const STATUS: Readonly<Record<FailureKind, number>> = {
  config: 400,
  input: 400,
  limit: 400,
  'not-found': 404,
  conflict: 409,
  auth: 502,
  permission: 502,
  transient: 502,
  protocol: 502,
  throttled: 503,
  internal: 500,
};

export function failureAnswer(connector: Connector, error: unknown, language: string): FailureAnswer {
  const failure = asFailure(error).toJSON();
  return { failure, text: connector.explain(failure, language) };
}

export async function sendFailure(reply: FastifyReply, answer: FailureAnswer): Promise<void> {
  const { kind, retryAfterMs } = answer.failure;
  if (retryAfterMs !== undefined) reply.header('Retry-After', Math.ceil(retryAfterMs / 1000));
  await reply.code(STATUS[kind]).send(answer);
}

/**
 * Sends each item as one line of JSON as soon as it is there, at the reader's pace. What fails before the first line
 * is an ordinary failure answer; what fails later is the last line. A stream without `end` or `failure` was cut.
 */
export async function sendLines(
  reply: FastifyReply,
  items: AsyncGenerator<object>,
  explain: (error: unknown) => FailureAnswer,
): Promise<void> {
  let first: IteratorResult<object, unknown>;
  try {
    first = await items.next();
  } catch (error) {
    return sendFailure(reply, explain(error));
  }
  async function* lines(): AsyncGenerator<string> {
    try {
      if (first.done !== true) yield `${JSON.stringify(first.value)}\n`;
      for await (const item of items) yield `${JSON.stringify(item)}\n`;
      yield `${JSON.stringify({ end: true })}\n`;
    } catch (error) {
      yield `${JSON.stringify(explain(error))}\n`;
    }
  }
  await reply
    .header('Content-Type', 'application/x-ndjson; charset=utf-8')
    .header('Cache-Control', 'no-store')
    .send(Readable.from(lines(), { objectMode: false }));
}

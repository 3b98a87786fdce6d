/** What Graph answers, as JSON. Owns: how much of it is taken. Must not: know what was asked. */
import { Failure } from '../../errors/index.js';
import type { HttpsReply } from '../../net/index.js';

/** A page of 1,000 messages without bodies has about half a megabyte. */
const MAX_BYTES = 16 * 1024 * 1024;

/** Undefined when the answer has no body. @throws Failure */
export async function jsonOf(reply: HttpsReply): Promise<unknown> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of reply.body) {
    size += piece.length;
    if (size > MAX_BYTES) throw unexpected(reply, 'an answer of more than 16 MB');
    pieces.push(piece);
  }
  if (size === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(pieces).toString('utf8')) as unknown;
  } catch {
    throw unexpected(reply, 'an answer that is not JSON');
  }
}

/** What an answer says beside its status, which says enough where the rest is lost. Its connection can be used again. */
export function restOf(reply: HttpsReply): Promise<unknown> {
  return jsonOf(reply).catch(() => undefined);
}

function unexpected({ status, headers }: HttpsReply, what: string): Failure {
  return new Failure('server-answer-unexpected', {
    serverText: `${String(status)}: ${what}`,
    correlationId: headers['request-id'],
  });
}

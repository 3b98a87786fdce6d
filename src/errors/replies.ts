/**
 * Finds a server's answer in the catalogue of replies (catalogue/replies.json, generated into src/generated).
 * Must not: know a protocol. Adapters bring what the server said, and decide by its status where nothing is found.
 */
import { SERVER_REPLIES, TOKEN_REPLIES, type ServerReply } from '../generated/replies.js';
import type { FailureCode } from './failure.js';

/** What was being done when the answer came: the same words mean different things at different times. */
export type ReplyPhase = NonNullable<ServerReply['phase']>;

export interface KnownReply {
  /** Id in the catalogue, for `reply` of a failure. */
  readonly id: string;
  readonly code: FailureCode;
}

/**
 * The first of the signs (AADSTS number, OAuth error, code of MSAL) that the catalogue knows.
 * The authentication method counts: the same answer can call for another step.
 */
export function tokenReply(signs: readonly string[], method: string): KnownReply | undefined {
  const sign = signs.find((one) => Object.hasOwn(TOKEN_REPLIES, one));
  const reply = sign === undefined ? undefined : TOKEN_REPLIES[sign];
  return reply && { id: reply.id, code: reply.byMethod?.[method] ?? reply.code };
}

/** The first answer of this server whose pattern the line matches in this phase. */
export function serverReply(
  from: keyof typeof SERVER_REPLIES,
  phase: ReplyPhase,
  line: string,
): KnownReply | undefined {
  return SERVER_REPLIES[from].find(
    (reply) => (reply.phase === undefined || reply.phase === phase) && reply.pattern.test(line),
  );
}

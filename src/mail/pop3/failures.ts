/**
 * Translates what the wire reports and a POP3 server says into failures. Exchange gives nothing but words: these are
 * looked up in the catalogue of replies. Other servers may give a response code (RFC 2449 section 8, RFC 3206), which
 * decides where the catalogue knows nothing, before the phase does.
 */
import { Failure, isFailure, serverReply, type FailureCode } from '../../errors/index.js';
import { networkFailure } from '../../net/index.js';
import { Pop3Nonsense, Pop3Refusal } from './wire.js';

export interface Pop3Context {
  readonly host: string;
  readonly port: number;
  readonly mailbox: string;
  /** Who the token was issued to, as a person reads it. */
  readonly signedIn: string;
  /** The same as Exchange's cmdlets name it. */
  readonly trustee: string;
}

/** What was being done when the answer came; `message` is a command about one message. */
export type Pop3Phase = 'connect' | 'sign-in' | 'command' | 'message';

const RESPONSE_CODES: Readonly<Record<string, FailureCode>> = {
  AUTH: 'pop3-sign-in-refused',
  'IN-USE': 'server-unavailable',
  'LOGIN-DELAY': 'server-throttled',
  'SYS/TEMP': 'server-unavailable',
};
const BY_PHASE: Readonly<Record<Pop3Phase, FailureCode>> = {
  connect: 'server-unavailable',
  'sign-in': 'pop3-sign-in-refused',
  command: 'server-answer-unexpected',
  message: 'server-answer-unexpected',
};

function refusalFailure({ line }: Pop3Refusal, phase: Pop3Phase, context: Pop3Context): Failure {
  const known = serverReply('pop3', phase, line);
  const responseCode = /^-ERR \[(?<code>[A-Z/-]+)\]/iu.exec(line)?.groups?.['code']?.toUpperCase() ?? '';
  return new Failure(known?.code ?? RESPONSE_CODES[responseCode] ?? BY_PHASE[phase], {
    parameters: { ...context },
    reply: known?.id,
    serverText: line,
  });
}

/** The failure for anything that a POP3 session threw. */
export function pop3Failure(cause: unknown, phase: Pop3Phase, context: Pop3Context): Failure {
  if (isFailure(cause)) return cause;
  if (cause instanceof Pop3Refusal) return refusalFailure(cause, phase, context);
  const network = networkFailure(cause, context.host, context.port);
  if (network !== undefined) return network;
  const serverText = cause instanceof Error ? cause.message : String(cause);
  const code = cause instanceof Pop3Nonsense ? 'server-answer-unexpected' : 'connection-lost';
  return new Failure(code, { parameters: { ...context }, serverText, cause });
}

/** The server says that it has no such message (any more): the one refusal that is no trouble. */
export function saysGone(cause: unknown): boolean {
  return cause instanceof Pop3Refusal && serverReply('pop3', 'message', cause.line)?.code === 'message-gone';
}

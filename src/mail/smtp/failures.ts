/**
 * Translates SMTP replies and nodemailer's errors into failures. What Exchange is known to answer stands in the
 * catalogue of replies; for everything else the reply code (RFC 5321) and the phase decide.
 */
import { Failure, isFailure, serverReply, type FailureCode } from '../../errors/index.js';
import { networkFailure } from '../../net/index.js';

export interface SmtpContext {
  readonly host: string;
  readonly port: number;
  readonly mailbox: string;
  /** Who the token was issued to, as Exchange's cmdlets name it. */
  readonly trustee: string;
}

/** What was being done when the reply came: the same 550 means different things at different times. */
export type SmtpPhase = 'connect' | 'sign-in' | 'sender' | 'recipient' | 'message';

interface SmtpError {
  readonly code?: unknown;
  readonly responseCode?: unknown;
  readonly response?: unknown;
  readonly message?: unknown;
}

function codeOf(reply: number, phase: SmtpPhase): FailureCode {
  if (phase === 'sign-in' && reply >= 500) return 'smtp-sign-in-refused';
  if (reply >= 400 && reply < 500)
    return phase === 'connect' || phase === 'sign-in' ? 'server-unavailable' : 'not-accepted-yet';
  if (phase === 'sender') return 'sender-not-permitted';
  if (phase === 'recipient') return 'recipient-refused';
  if (phase === 'message') return 'message-refused';
  return 'server-answer-unexpected';
}

/** The failure for a reply such as "550 5.1.1 …". */
export function replyFailure(
  text: string,
  phase: SmtpPhase,
  context: SmtpContext,
  parameters: Readonly<Record<string, string>> = {},
): Failure {
  const known = serverReply('smtp', phase, text);
  const status = Number(/^\d{3}/u.exec(text)?.[0] ?? 0);
  return new Failure(known?.code ?? codeOf(status, phase), {
    // Exchange can object to the sender before or after MAIL FROM too, where only the mailbox is known.
    parameters: { sender: context.mailbox, ...context, ...parameters },
    reply: known?.id,
    serverText: text,
  });
}

/** The failure for anything that nodemailer threw. */
export function smtpFailure(
  cause: unknown,
  phase: SmtpPhase,
  context: SmtpContext,
  parameters: Readonly<Record<string, string>> = {},
): Failure {
  if (isFailure(cause)) return cause;
  const error = (
    typeof cause === 'object' && cause !== null ? cause : { message: String(cause) }
  ) as SmtpError;
  if (typeof error.response === 'string' && /^\d{3}/u.test(error.response)) {
    return replyFailure(error.response, phase, context, parameters);
  }
  const network = networkFailure(cause, context.host, context.port);
  if (network !== undefined) return network;
  const serverText = typeof error.message === 'string' ? error.message : String(cause);
  const facts = {
    parameters: { ...context, ...parameters },
    serverText,
    cause,
  };
  switch (error.code) {
    case 'ETLS':
      return new Failure('encryption-not-offered', facts);
    case 'ETIMEDOUT':
      return new Failure('host-timed-out', facts);
    case 'EDNS':
      return new Failure('host-not-found', facts);
    case 'EMESSAGE':
      return new Failure(
        /larger than allowed/u.test(serverText) ? 'message-too-large' : 'message-refused',
        facts,
      );
    case 'ECONNECTION':
    case 'ESOCKET':
      return new Failure('connection-lost', facts);
    default:
      return new Failure('server-answer-unexpected', facts);
  }
}

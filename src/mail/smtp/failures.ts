/**
 * Translates SMTP replies and nodemailer's errors into failures. Reply code and enhanced status code decide;
 * the text only where Exchange uses one code for several things, in the table below with transcripts as tests.
 */
import { Failure, isFailure, type FailureCode } from '../../errors/index.js';
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

/** Exchange's texts, first match wins (learn.microsoft.com and public transcripts). */
const EXCHANGE_TEXTS: readonly (readonly [RegExp, FailureCode])[] = [
  [/SmtpClientAuthentication is disabled for the Tenant/iu, 'smtp-closed-for-tenant'],
  [/SmtpClientAuthentication is disabled for the Mailbox/iu, 'smtp-closed-for-mailbox'],
  [/5\.2\.252\b|SendAsDenied|5\.7\.60\b/iu, 'sender-not-permitted'],
  [/SubmissionQuotaExceeded|daily limit for sending/iu, 'sending-quota-reached'],
  [/5\.1\.8 .*bad outbound sender/iu, 'sender-blocked'],
  [/4\.3\.2 .*(?:Concurrent connections|thread limit)/iu, 'too-many-connections'],
];

interface SmtpError {
  readonly code?: unknown;
  readonly responseCode?: unknown;
  readonly response?: unknown;
  readonly message?: unknown;
}

function codeOf(reply: number, text: string, phase: SmtpPhase): FailureCode {
  const known = EXCHANGE_TEXTS.find(([pattern]) => pattern.test(text))?.[1];
  if (known !== undefined) return known;
  if (reply === 552 || /\b5\.3\.4\b/u.test(text)) return 'message-too-large';
  if (reply === 452 && /\b4\.5\.3\b/u.test(text)) return 'too-many-recipients';
  if (phase === 'sign-in' && reply >= 500) return 'smtp-sign-in-refused';
  if (reply >= 400 && reply < 500)
    return phase === 'connect' || phase === 'sign-in' ? 'server-unavailable' : 'not-accepted-yet';
  // RFC 3463: X.7.1 is "delivery not authorised", which at MAIL FROM or for the sender's address is about the sender.
  if (phase === 'sender' || /Sender address rejected/iu.test(text)) return 'sender-not-permitted';
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
  const reply = Number(/^\d{3}/u.exec(text)?.[0] ?? 0);
  return new Failure(codeOf(reply, text, phase), {
    parameters: { ...context, ...parameters },
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

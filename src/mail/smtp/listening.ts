/**
 * Hands what nodemailer logs of its traffic to a listener of the network policy. Owns: reading nodemailer's log entries.
 * Asked for transactions only, nodemailer logs commands and replies, and of a message nothing but its size.
 */
import type { MailListener } from '../../net/index.js';

interface LogEntry {
  readonly tnx?: unknown;
  readonly outByteCount?: unknown;
}

type Log = (entry: unknown, message?: unknown) => void;

/** A logger for nodemailer, to be used together with `transactionLog`. */
export function listeningLogger(
  listener: MailListener,
): Record<'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal', Log> {
  const quiet: Log = () => undefined;
  const debug: Log = (entry, message) => {
    const { tnx } = entry as LogEntry;
    if (typeof message !== 'string') return;
    if (tnx === 'client') listener.client(message);
    if (tnx === 'server') listener.server(message);
  };
  const info: Log = (entry) => {
    const { tnx, outByteCount } = entry as LogEntry;
    if (tnx === 'message' && typeof outByteCount === 'number') listener.content(outByteCount);
  };
  return { trace: quiet, debug, info, warn: quiet, error: quiet, fatal: quiet };
}

/** Tells a listener what must never be shown: the SASL response, and the token in it. */
export function learnResponse(listener: MailListener, authResponse: string): void {
  listener.learn(authResponse);
  const fields = Buffer.from(authResponse, 'base64').toString('utf8').split('\x01');
  const token = fields.find((field) => field.startsWith('auth=Bearer '))?.slice('auth=Bearer '.length);
  if (token !== undefined) listener.learn(token);
}

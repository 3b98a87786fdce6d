/**
 * Opens a signed-in SMTP submission session with nodemailer's connection. Owns: STARTTLS before anything else,
 * and the one-line XOAUTH2 command. Must not: compose or judge a message.
 */
import type SMTPConnection from 'nodemailer/lib/smtp-connection';
import { listenToMail, startOf, type Route } from '../../net/index.js';
import { replyFailure, smtpFailure, type SmtpContext } from './failures.js';
import { learnResponse, listeningLogger } from './listening.js';

/** Not "XOAUTH2": under that name nodemailer insists on fetching the token itself. */
const AUTH_HANDLER = 'CONNECTOR-XOAUTH2';

export interface SignedInConnection {
  readonly connection: SMTPConnection;
  readonly signInReply: string;
}

/**
 * @param authResponse base64 XOAUTH2 response
 * @throws Failure host-*, certificate-not-trusted, encryption-not-offered, smtp-sign-in-refused, smtp-closed-for-*, proxy-*
 */
export async function connectSmtp(
  route: Route,
  authResponse: string,
  context: SmtpContext,
  signal?: AbortSignal,
): Promise<SignedInConnection> {
  signal?.throwIfAborted();
  let refusal: string | undefined;
  let signInReply = '';
  // Loaded at the first connection, as in the IMAP adapter.
  const { default: Connection } = await import('nodemailer/lib/smtp-connection');
  const listener = listenToMail(route.tap, 'smtp', route.serverName, context.port);
  if (listener !== undefined) learnResponse(listener, authResponse);
  const start = await startOf(route, signal);
  const connection = new Connection({
    ...(start.socket === undefined ? {} : { connection: start.socket }),
    host: route.host,
    port: route.port,
    secure: false,
    requireTLS: true,
    servername: route.serverName,
    tls: { secureContext: route.secureContext, servername: route.serverName },
    connectionTimeout: start.connectTimeoutMs,
    greetingTimeout: route.connectTimeoutMs,
    socketTimeout: route.idleTimeoutMs,
    logger: listener === undefined ? false : listeningLogger(listener),
    transactionLog: listener !== undefined,
    customAuth: {
      [AUTH_HANDLER]: async (exchange) => {
        let answer = await exchange.sendCommand(`AUTH XOAUTH2 ${authResponse}`);
        // 334 carries an error in base64; the exchange ends with an empty line and the real reply (RFC 4954 section 4).
        if (answer.status === 334) answer = await exchange.sendCommand('');
        if (answer.status !== 235) {
          refusal = answer.response;
          throw new Error('sign-in refused');
        }
        signInReply = answer.response;
      },
    },
  });
  const abort = (): void => connection.close();
  signal?.addEventListener('abort', abort, { once: true });
  connection.once('end', () => signal?.removeEventListener('abort', abort));

  let phase: 'connect' | 'sign-in' = 'connect';
  try {
    await new Promise<void>((resolve, reject) => {
      // Stays for good: an error after this promise is settled must not end the process.
      connection.on('error', reject);
      connection.once('end', () =>
        reject(Object.assign(new Error('connection closed'), { code: 'ECONNECTION' })),
      );
      connection.connect((error) => {
        if (error) {
          reject(error);
          return;
        }
        phase = 'sign-in';
        connection.login({ type: 'custom', method: AUTH_HANDLER, user: context.mailbox }, (loginError) => {
          if (loginError) reject(loginError);
          else resolve();
        });
      });
    });
  } catch (error) {
    connection.close();
    if (signal?.aborted === true) throw signal.reason;
    throw refusal === undefined
      ? smtpFailure(error, phase, context)
      : replyFailure(refusal, 'sign-in', context);
  }
  return { connection, signInReply };
}

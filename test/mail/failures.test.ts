/**
 * Servers' words become failures: every line of the catalogue of replies through its adapter, and what only status
 * and phase tell.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { ReplyEntry } from '../../src/generated/types.js';
import { imapFailure } from '../../src/mail/imap/failures.js';
import { pop3Failure, type Pop3Phase } from '../../src/mail/pop3/failures.js';
import { Pop3Refusal } from '../../src/mail/pop3/wire.js';
import { replyFailure, smtpFailure, type SmtpPhase } from '../../src/mail/smtp/failures.js';
import { languages, loadManifest, packagePath, renderFailure, textsIn } from '../../src/manifest/index.js';

const imap = {
  host: 'outlook.office365.com',
  port: 993,
  mailbox: 'a@contoso.com',
  signedIn: 'app x',
  trustee: 'x',
};
const smtp = { host: 'smtp.office365.com', port: 587, mailbox: 'a@contoso.com', trustee: 'x' };
const catalogue = JSON.parse(readFileSync(packagePath(loadManifest().replies), 'utf8')) as ReplyEntry[];
const repliesOf = (from: ReplyEntry['from']): ReplyEntry[] =>
  catalogue.filter((reply) => reply.from === from);

/** What imapflow makes of a server's line. */
function imapflowError({ sign, phase }: ReplyEntry): object {
  const bye = /^\* BYE (.*)$/u.exec(sign)?.[1];
  if (bye !== undefined) return { code: 'NoConnection', reason: bye };
  const [, responseStatus, serverResponseCode, responseText = sign] =
    /^(NO|BAD) (?:\[([A-Z]+)(?: [^\]]*)?\] )?(.*)$/u.exec(sign) ?? [];
  return {
    ...(phase === 'sign-in' ? { authenticationFailed: true } : {}),
    responseStatus,
    serverResponseCode,
    responseText,
  };
}

describe('the catalogue', () => {
  test.each(repliesOf('imap'))('$id: $sign', (reply) => {
    expect(imapFailure(imapflowError(reply), imap).toJSON()).toMatchObject({
      code: reply.code,
      reply: reply.id,
    });
  });

  test.each(repliesOf('pop3'))('$id: $sign', (reply) => {
    const phase = (reply.phase ?? 'command') as Pop3Phase;
    expect(pop3Failure(new Pop3Refusal(reply.sign), phase, { ...imap, port: 995 }).toJSON()).toMatchObject({
      code: reply.code,
      reply: reply.id,
      serverText: reply.sign,
    });
  });

  test.each(repliesOf('smtp'))('$id: $sign', (reply) => {
    const phase = (reply.phase ?? 'message') as SmtpPhase;
    const expected = { code: reply.code, reply: reply.id };
    expect(replyFailure(reply.sign, phase, smtp).toJSON()).toMatchObject(expected);
    // As nodemailer throws it.
    const error = Object.assign(new Error(reply.sign), { code: 'EENVELOPE', response: reply.sign });
    expect(smtpFailure(error, phase, smtp).toJSON()).toMatchObject(expected);
  });

  test.each(languages())('every text is complete in %s', (language) => {
    const failures = [
      ...repliesOf('imap').map((reply) => imapFailure(imapflowError(reply), imap)),
      ...repliesOf('smtp').map(({ sign, phase }) =>
        replyFailure(sign, (phase ?? 'message') as SmtpPhase, smtp),
      ),
    ];
    for (const failure of failures)
      expect(JSON.stringify(renderFailure(failure.toJSON(), textsIn(language)))).not.toMatch(/\{\w+\}/u);
  });
});

describe('IMAP', () => {
  test.each([
    [{ authenticationFailed: true, response: 'AUTHENTICATE failed.' }, 'imap-sign-in-refused'],
    [
      { authenticationFailed: true, response: 'User is authenticated but not connected.' },
      'mailbox-not-opened',
    ],
    [{ code: 'NoConnection', reason: 'Session invalidated - AccessTokenExpired' }, 'session-expired'],
    [
      { code: 'ETHROTTLE', responseText: 'Request is throttled. Suggested Backoff Time: 92415 milliseconds' },
      'server-throttled',
    ],
    [{ responseText: 'Server Unavailable. 15' }, 'server-unavailable'],
    [{ serverResponseCode: 'UNAVAILABLE', responseText: 'temporary' }, 'server-unavailable'],
    [{ code: 'NoConnection', message: 'Connection not available' }, 'connection-lost'],
    [{ code: 'CONNECT_TIMEOUT', message: 'x' }, 'host-timed-out'],
    [{ code: 'ECONNREFUSED', message: 'x' }, 'host-refused'],
    [{ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', message: 'x' }, 'certificate-not-trusted'],
    [{ responseText: 'something new' }, 'server-answer-unexpected'],
  ])('%j is %s', (error, code) => {
    expect(imapFailure(error, imap).code).toBe(code);
  });

  test('keeps the back-off time the server names', () => {
    const text = 'Request is throttled. Suggested Backoff Time: 92415 milliseconds';
    expect(imapFailure({ responseText: text }, imap).toJSON().retryAfterMs).toBe(92_415);
  });
});

describe('SMTP', () => {
  const replies: readonly (readonly [string, SmtpPhase, string])[] = [
    [
      '535 5.7.3 Authentication unsuccessful [AM0PR10CA0365.EURPRD10.PROD.OUTLOOK.COM]',
      'sign-in',
      'smtp-sign-in-refused',
    ],
    [
      '535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. Visit https://aka.ms/smtp_auth_disabled',
      'sign-in',
      'smtp-closed-for-tenant',
    ],
    [
      '535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox.',
      'sign-in',
      'smtp-closed-for-mailbox',
    ],
    ['454 4.7.0 Temporary authentication failure', 'sign-in', 'server-unavailable'],
    [
      '554 5.2.252 SendAsDenied; a@contoso.com not allowed to send as b@contoso.com',
      'message',
      'sender-not-permitted',
    ],
    [
      '550 5.7.60 SMTP; Client does not have permissions to send as this sender',
      'message',
      'sender-not-permitted',
    ],
    [
      '554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException',
      'message',
      'sending-quota-reached',
    ],
    ['550 5.1.8 Access denied, bad outbound sender AS(42004)', 'message', 'sender-blocked'],
    ['432 4.3.2 Concurrent connections limit exceeded', 'message', 'too-many-connections'],
    ['452 4.5.3 Too many recipients', 'recipient', 'too-many-recipients'],
    ['552 5.3.4 Message size exceeds fixed maximum message size', 'message', 'message-too-large'],
    ['550 5.1.1 user unknown', 'recipient', 'recipient-refused'],
    ['451 4.7.0 Temporary server error. Please try again later', 'message', 'not-accepted-yet'],
    ['554 5.6.0 Corrupt message content', 'message', 'message-refused'],
    ['220 nonsense', 'connect', 'server-answer-unexpected'],
  ];

  test.each(replies)('%s (%s) is %s', (reply, phase, code) => {
    expect(replyFailure(reply, phase, smtp).code).toBe(code);
  });

  test.each([
    [{ code: 'ETLS', message: 'STARTTLS not offered' }, 'encryption-not-offered'],
    [{ code: 'ETIMEDOUT', message: 'Greeting never received' }, 'host-timed-out'],
    [{ code: 'ECONNECTION', message: 'Connection closed' }, 'connection-lost'],
    [{ code: 'EDNS', message: 'not found' }, 'host-not-found'],
    [{ code: 'EMESSAGE', message: 'Message size larger than allowed 10' }, 'message-too-large'],
  ])('%j is %s', (error, code) => {
    expect(smtpFailure(error, 'connect', smtp).code).toBe(code);
  });
});

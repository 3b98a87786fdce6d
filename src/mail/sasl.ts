/**
 * SASL responses as pure functions of user and token. Must not: send anything.
 */

/**
 * The XOAUTH2 initial response in base64, as Exchange Online takes it.
 * Source: learn.microsoft.com, "Authenticate an IMAP, POP or SMTP connection using OAuth", section SASL XOAUTH2.
 * @param user address of the mailbox to open (not always the one who signed in)
 * @throws TypeError when user or token hold a control character: U+0001 separates the fields, so either could forge one
 */
export function xoauth2Response(user: string, accessToken: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u001f\u007f]/u.test(user + accessToken)) {
    throw new TypeError('A user name or token with control characters cannot be sent.');
  }
  return Buffer.from(`user=${user}\u0001auth=Bearer ${accessToken}\u0001\u0001`, 'utf8').toString('base64');
}

/**
 * What the sandbox says over POP3: Exchange Online's own words as far as they are publicly known (the greeting, CAPA, the
 * sign-in, refusals), plain ones otherwise.
 */

export const REPLIES = {
  ready: (host: string) => `+OK The Microsoft Exchange POP3 service is ready. [${host}]`,
  /** No PIPELINING, no RESP-CODES; USER and PLAIN are still named and no longer taken. */
  capabilities: ['TOP', 'UIDL', 'SASL PLAIN XOAUTH2', 'USER'],
  goAhead: '+ ',
  signedIn: '+OK User successfully authenticated.',
  signInRefused: '-ERR Authentication failure: unknown user name or bad password.',
  passwordRefused: '-ERR Logon failure: unknown user name or bad password.',
  invalidState: '-ERR Command is not valid in this state.',
  protocolError: '-ERR Protocol error. Connection is closed. 10',
  serverUnavailable: '-ERR Server Unavailable. 21',
  noSuchMessage: '-ERR no such message',
  ok: '+OK',
  goodbye: '+OK Microsoft Exchange Server POP3 server signing off.',
} as const;

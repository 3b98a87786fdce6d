/**
 * AUTHENTICATE XOAUTH2, with and without initial response, and LOGIN, which Exchange Online no longer takes.
 */
import { judgeMailAccess } from '../../directory/mail-access.js';
import { parseXoauth2 } from '../../sasl/xoauth2.js';
import { CommandFailure } from '../command-failure.js';
import type { ImapCommand, ImapSession } from '../session.js';

const MAX_RESPONSE_BYTES = 64 * 1024;

export const authenticate: ImapCommand = {
  needs: 'no-sign-in',
  async run(session, { arguments: args }) {
    const mechanism = args.atom().toUpperCase();
    if (mechanism !== 'XOAUTH2') throw new CommandFailure('NO', 'AUTHENTICATE failed.');
    let response: string;
    if (args.isAtEnd()) {
      await session.send('+ ');
      response = (await session.reader.readLine(MAX_RESPONSE_BYTES)).toString('latin1');
    } else {
      args.space();
      response = args.takeWhile((char) => char !== ' ');
      args.end();
    }
    if (response === '*') throw new CommandFailure('BAD', 'AUTHENTICATE cancelled.');
    signIn(session, response);
    return 'AUTHENTICATE completed.';
  },
};

export const login: ImapCommand = {
  needs: 'no-sign-in',
  run() {
    throw new CommandFailure('NO', 'LOGIN failed.');
  },
};

function signIn(session: ImapSession, response: string): void {
  const { cloud, accessTokens, store, now } = session.services;
  const credentials = parseXoauth2(response);
  const claims = credentials === undefined ? undefined : accessTokens.verify(credentials.accessToken);
  if (credentials === undefined || claims === undefined)
    throw new CommandFailure('NO', 'AUTHENTICATE failed.');
  const access = judgeMailAccess(cloud, 'imap', claims, credentials.userName, now());
  if (access.verdict === 'refused') throw new CommandFailure('NO', 'AUTHENTICATE failed.');
  session.tokenExpiresAt = access.expiresAt;
  if (access.verdict !== 'granted') return;
  session.directory = access.directory;
  session.mailbox = store.open(access.mailbox);
}

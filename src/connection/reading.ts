/**
 * A reading session on a mailbox, whatever the protocol: signed in when it is first used, and opened anew when it breaks.
 * Owns: which adapter serves which transport. Must not: know an activity.
 */
import {
  openGraphSession,
  openImapReading,
  openPop3Session,
  resumingSession,
  type ReadingSession,
  type ReadTransport,
} from '../mail/index.js';
import { routeTo } from '../net/index.js';
import { endpointOf, signedInName, trusteeName, withToken, type Access } from './access.js';
import { graphAccess } from './graph-access.js';

type Open = (access: Access, mailbox: string, signal?: AbortSignal) => Promise<ReadingSession>;

const OPENERS: Readonly<Record<ReadTransport, Open>> = {
  graph: async (access, mailbox, signal) => {
    const { route, tokens, context } = await graphAccess(access, mailbox, { changes: false }, signal);
    return openGraphSession(route, tokens, context, signal);
  },
  pop3: (access, mailbox, signal) => {
    const endpoint = endpointOf(access, 'pop3');
    return withToken(
      access,
      'pop3',
      (token) =>
        openPop3Session(
          routeTo(access.net, endpoint.host, endpoint.port),
          token.value,
          { ...endpoint, mailbox, signedIn: signedInName(access), trustee: trusteeName(access, token) },
          signal,
        ),
      signal,
    );
  },
  imap: (access, mailbox, signal) => {
    const endpoint = endpointOf(access, 'imap');
    return withToken(
      access,
      'imap',
      (token) =>
        openImapReading(
          routeTo(access.net, endpoint.host, endpoint.port),
          token.value,
          { ...endpoint, mailbox, signedIn: signedInName(access), trustee: trusteeName(access, token) },
          signal,
        ),
      signal,
    );
  },
};

/** One session, as it comes: it does not outlive its connection. @throws Failure of sign-in, network and protocol */
export function openReadingOnce(
  access: Access,
  mailbox: string,
  transport: ReadTransport,
  signal?: AbortSignal,
): Promise<ReadingSession> {
  return OPENERS[transport](access, mailbox, signal);
}

/** A session that is opened at its first use and outlives its connections: what breaks goes on where it was. */
export function openReading(
  access: Access,
  mailbox: string,
  transport: ReadTransport,
  signal?: AbortSignal,
): ReadingSession {
  const { onResume } = access;
  return resumingSession(transport, () => openReadingOnce(access, mailbox, transport, signal), {
    signal,
    onResume,
  });
}

/**
 * A reading session on a mailbox, whatever the protocol: signed in when it is first used, and opened anew when it breaks.
 * Owns: which adapter serves which transport. Must not: know an activity.
 */
import { openImapReading, openPop3Session, type ReadingSession, type ReadTransport } from '../mail/index.js';
import { endpointOf, signedInName, trusteeName, withToken, type Access } from './access.js';
import { routeTo } from '../net/index.js';

type Open = (access: Access, mailbox: string, signal?: AbortSignal) => Promise<ReadingSession>;

const OPENERS: Partial<Readonly<Record<ReadTransport, Open>>> = {
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
  const open = OPENERS[transport];
  if (open === undefined) throw new Error(`There is no adapter for ${transport}.`);
  return open(access, mailbox, signal);
}

/** A session that outlives its connections: what breaks is opened anew, and goes on where it was. */
export async function openReading(
  access: Access,
  mailbox: string,
  transport: ReadTransport,
  signal?: AbortSignal,
): Promise<ReadingSession> {
  return openReadingOnce(access, mailbox, transport, signal);
}

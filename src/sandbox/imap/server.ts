/**
 * The IMAP listener: implicit TLS, as on port 993. Every accepted connection becomes a session.
 */
import { createServer } from 'node:tls';
import type { Server } from 'node:tls';
import type { ServerIdentity } from '../tls/certificates.js';
import type { ImapServices } from './session.js';
import { ImapSession } from './session.js';

/** RFC 3501 section 5.4 asks for at least half an hour. */
const AUTOLOGOUT_MS = 30 * 60_000;

export function createImapServer(identity: ServerIdentity, services: ImapServices): Server {
  return createServer(
    { cert: identity.certificate, key: identity.privateKey, minVersion: 'TLSv1.2' },
    (socket) => {
      socket.on('error', () => undefined);
      socket.setNoDelay(true);
      socket.setTimeout(AUTOLOGOUT_MS, () => socket.destroy());
      void new ImapSession(socket, services).serve();
    },
  );
}

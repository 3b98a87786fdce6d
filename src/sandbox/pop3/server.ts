/**
 * The POP3 listener: implicit TLS, as on port 995. Every accepted connection becomes a session.
 */
import { createServer } from 'node:tls';
import type { Server } from 'node:tls';
import type { ServerIdentity } from '../tls/certificates.js';
import type { Pop3Services } from './session.js';
import { Pop3Session } from './session.js';

/** RFC 1939 section 3 asks for at least ten minutes. */
const AUTOLOGOUT_MS = 10 * 60_000;

export function createPop3Server(identity: ServerIdentity, services: Pop3Services): Server {
  return createServer(
    { cert: identity.certificate, key: identity.privateKey, minVersion: 'TLSv1.2' },
    (socket) => {
      socket.on('error', () => undefined);
      socket.setNoDelay(true);
      socket.setTimeout(AUTOLOGOUT_MS, () => socket.destroy());
      void new Pop3Session(socket, services).serve();
    },
  );
}

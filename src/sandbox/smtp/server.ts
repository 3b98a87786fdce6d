/**
 * The submission listener: plain at first, as on port 587. Every accepted connection becomes a session.
 */
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { createSecureContext } from 'node:tls';
import type { ServerIdentity } from '../tls/certificates.js';
import type { SmtpServices } from './session.js';
import { SmtpSession } from './session.js';

const IDLE_MS = 10 * 60_000;

export function createSmtpServer(
  identity: ServerIdentity,
  services: Omit<SmtpServices, 'secureContext'>,
): Server {
  const secureContext = createSecureContext({
    cert: identity.certificate,
    key: identity.privateKey,
    minVersion: 'TLSv1.2',
  });
  return createServer((socket) => {
    socket.setNoDelay(true);
    socket.setTimeout(IDLE_MS, () => socket.destroy());
    void new SmtpSession(socket, { ...services, secureContext }).serve();
  });
}

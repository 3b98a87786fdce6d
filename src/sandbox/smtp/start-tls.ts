/**
 * Turns a plain server-side socket into a TLS one, as STARTTLS asks.
 */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { SecureContext } from 'node:tls';
import { ConnectionLost } from '../sockets/line-reader.js';

const HANDSHAKE_MS = 30_000;

/** @throws ConnectionLost when the handshake fails */
export async function upgradeToTls(plain: Socket, secureContext: SecureContext): Promise<TLSSocket> {
  const secure = new TLSSocket(plain, { isServer: true, secureContext });
  const timer = setTimeout(() => secure.destroy(), HANDSHAKE_MS);
  try {
    await new Promise<void>((resolve, reject) => {
      secure.once('secure', resolve);
      secure.once('close', () => {
        reject(new ConnectionLost());
      });
      secure.on('error', () => {
        reject(new ConnectionLost());
      });
    });
    return secure;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Fails any test that opens a connection to an address other than this machine's loopback:
 * a test that reaches the outside is slow, unrepeatable and may leak a credential.
 */
import { Socket } from 'node:net';

const LOOPBACK = /^(?:127\.\d+\.\d+\.\d+|::1|localhost)$/u;
const connect = Socket.prototype.connect;

function guarded(this: Socket, ...args: unknown[]): Socket {
  // net.connect() hands over its arguments already normalised, as one array in the first place.
  const first = Array.isArray(args[0]) ? (args[0] as unknown[])[0] : args[0];
  const named = typeof first === 'object' && first !== null ? (first as { host?: unknown }).host : args[1];
  if (typeof named === 'string' && !LOOPBACK.test(named)) {
    throw new Error(`A test tried to connect to ${named}. Tests may only reach the loopback range.`);
  }
  return Reflect.apply(connect, this, args) as Socket;
}

Socket.prototype.connect = guarded;

/**
 * Fails any test that opens a connection to an address other than this machine's loopback:
 * a test that reaches the outside is slow, unrepeatable and may leak a credential.
 */
import { Socket } from 'node:net';

const LOOPBACK = /^(?:127\.\d+\.\d+\.\d+|::1|localhost)$/u;
const connect = Socket.prototype.connect;

Socket.prototype.connect = function guarded(this: Socket, ...args: unknown[]): Socket {
  // net.connect() hands over its arguments already normalised, as one array in the first place.
  const first = Array.isArray(args[0]) ? (args[0] as unknown[])[0] : args[0];
  const host =
    typeof first === 'object' && first !== null
      ? (first as { host?: string; path?: string }).host
      : typeof args[1] === 'string'
        ? args[1]
        : undefined;
  if (host !== undefined && !LOOPBACK.test(host)) {
    throw new Error(`A test tried to connect to ${host}. Tests may only reach the loopback range.`);
  }
  return Reflect.apply(connect, this, args) as Socket;
} as typeof connect;

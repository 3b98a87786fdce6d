/**
 * Looks at a mail server from outside: connects, verifies TLS, reads the greeting, says goodbye.
 * Owns: that first contact, for evidence. Must not: sign in.
 */
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { Failure, isFailure } from '../errors/index.js';
import { networkFailure } from './failures.js';
import type { Route } from './policy.js';
import { listenToMail } from './transcript/recorder.js';
import { startOf } from './tunnel.js';

export interface ServerLook {
  /** First line of the server. */
  readonly greeting: string;
  readonly tlsVersion: string;
  readonly certificateIssuer: string;
  /** ISO 8601 date. */
  readonly certificateEnds: string;
}

const MAX_REPLY_CHARACTERS = 64 * 1024;

/** Collects until `complete` likes what came; rejects when the server ends, errs or falls silent. */
function readReply(socket: Socket, complete: (text: string) => boolean): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const finish = (settle: () => void): void => {
      socket.off('data', onData).off('error', onError).off('close', onClose).off('timeout', onTimeout);
      socket.pause();
      settle();
    };
    const onData = (chunk: Buffer): void => {
      text += chunk.toString('latin1');
      if (complete(text) || text.length > MAX_REPLY_CHARACTERS) finish(() => resolve(text));
    };
    const onError = (error: Error): void => finish(() => reject(error));
    const onClose = (): void =>
      finish(() => reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' })));
    const onTimeout = (): void =>
      finish(() => reject(Object.assign(new Error('silent'), { code: 'ETIMEDOUT' })));
    socket.on('data', onData).once('error', onError).once('close', onClose).once('timeout', onTimeout);
    socket.resume();
  });
}

function secured(route: Route, plain?: Socket): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({
      ...(plain === undefined ? { host: route.host, port: route.port } : { socket: plain }),
      servername: route.serverName,
      secureContext: route.secureContext,
    });
    socket.setTimeout(route.connectTimeoutMs);
    socket.once('secureConnect', () => resolve(socket));
    const fail = (error: Error): void => {
      socket.destroy(); // or a silent server would keep the process alive
      reject(error);
    };
    socket.once('error', fail);
    socket.once('timeout', () => fail(Object.assign(new Error('silent'), { code: 'ETIMEDOUT' })));
  });
}

function lookAt(socket: TLSSocket, greeting: string): ServerLook {
  const certificate = socket.getPeerCertificate();
  const issuer = certificate.issuer as { O?: string; CN?: string } | undefined;
  return {
    greeting: greeting.split(/\r?\n/u)[0] ?? '',
    tlsVersion: socket.getProtocol() ?? '',
    certificateIssuer: issuer?.O ?? issuer?.CN ?? '',
    certificateEnds: new Date(certificate.valid_to).toISOString().slice(0, 10),
  };
}

async function looking<T>(route: Route, port: number, look: () => Promise<T>): Promise<T> {
  try {
    return await look();
  } catch (error) {
    if (isFailure(error)) throw error; // it may name the proxy
    throw networkFailure(error, route.serverName, port) ?? error;
  }
}

/** An HTTPS server, which says nothing by itself. @throws Failure host-*, certificate-not-trusted, connection-lost, proxy-* */
export function probeHttps(route: Route, port: number): Promise<Omit<ServerLook, 'greeting'>> {
  return looking(route, port, async () => {
    const socket = await secured(route, (await startOf(route)).socket);
    try {
      const { tlsVersion, certificateIssuer, certificateEnds } = lookAt(socket, '');
      return { tlsVersion, certificateIssuer, certificateEnds };
    } finally {
      socket.destroy();
    }
  });
}

/** A mail server that speaks TLS from the first byte and greets. @throws Failure as above */
export function probeImplicitTls(route: Route, port: number, protocol: 'imap' | 'pop3'): Promise<ServerLook> {
  const listener = listenToMail(route.tap, protocol, route.serverName, port);
  listener?.note('probe');
  return looking(route, port, async () => {
    const socket = await secured(route, (await startOf(route)).socket);
    try {
      const greeting = await readReply(socket, (text) => text.includes('\n'));
      listener?.server(greeting);
      return lookAt(socket, greeting);
    } finally {
      socket.destroy();
    }
  });
}

/** An SMTP server behind STARTTLS (RFC 3207). @throws Failure as above, and encryption-not-offered */
export function probeSmtpStartTls(route: Route, port: number): Promise<ServerLook> {
  const listener = listenToMail(route.tap, 'smtp', route.serverName, port);
  listener?.note('probe');
  return looking(route, port, async () => {
    const { socket: tunnel } = await startOf(route);
    const plain = tunnel ?? connectTcp({ host: route.host, port: route.port });
    plain.setTimeout(route.connectTimeoutMs);
    // The last line of an SMTP reply has a blank after its code (RFC 5321 section 4.2.1).
    const reply = async (): Promise<string> => {
      const text = await readReply(plain, (received) => /^\d{3} [^\n]*\n/mu.test(received));
      listener?.server(text);
      return text;
    };
    const say = (command: string): Promise<string> => {
      listener?.client(command);
      plain.write(`${command}\r\n`);
      return reply();
    };
    try {
      const greeting = await reply();
      const offers = await say('EHLO localhost');
      if (!/^250[ -]STARTTLS\r?$/imu.test(offers)) throw notEncrypted(route, port, offers);
      const answer = await say('STARTTLS');
      if (!answer.startsWith('220')) throw notEncrypted(route, port, answer);
      const socket = await secured(route, plain);
      return lookAt(socket, greeting);
    } finally {
      plain.destroy();
    }
  });
}

function notEncrypted(route: Route, port: number, serverText: string): Failure {
  return new Failure('encryption-not-offered', {
    parameters: { host: route.serverName, port },
    serverText: serverText.trim(),
  });
}

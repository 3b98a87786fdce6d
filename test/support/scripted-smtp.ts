/**
 * An SMTP server that says what a test tells it to, behind real TLS. For what no well-behaved server does on demand.
 */
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import { openTenantIdentity } from '../../src/sandbox/tls/tenant-identity.js';

export interface ScriptedSmtp {
  readonly net: {
    hosts: Record<string, string>;
    trustedRoots: string[];
    connectTimeoutMs: number;
    idleTimeoutMs: number;
  };
  /** Every command after the sign-in, in order; message lines are left out. */
  readonly commands: string[];
  stop(): Promise<void>;
}

/** "close" ends the connection, "silence" says nothing. What to say to a command ("MAIL", "RCPT <address>", "DATA", "." for the end of the message …). */
export type Script = (command: string) => string;

/** @param extensions what it says that it can, beside signing in */
export async function startScriptedSmtp(
  script: Script,
  extensions: readonly string[] = [],
): Promise<ScriptedSmtp> {
  const identity = await openTenantIdentity(undefined);
  const sockets = new Set<Socket>();
  const commands: string[] = [];

  const serve = (socket: Socket, secured: boolean): void => {
    let rest = '';
    let inMessage = false;
    const say = (reply: string): void => {
      if (reply === 'close') socket.destroy();
      else if (reply !== 'silence') socket.write(`${reply}\r\n`);
    };
    const take = (line: string): void => {
      if (inMessage) {
        if (line !== '.') return;
        inMessage = false;
        say(script('.'));
        return;
      }
      if (/^EHLO/u.test(line))
        say(
          secured
            ? ['250-scripted', ...extensions.map((one) => `250-${one}`), '250 AUTH XOAUTH2'].join('\r\n')
            : '250-scripted\r\n250 STARTTLS',
        );
      else if (/^STARTTLS/u.test(line)) {
        socket.removeAllListeners('data');
        socket.write('220 go ahead\r\n');
        const tls = new TLSSocket(socket, {
          isServer: true,
          secureContext: createSecureContext({
            key: identity.server.privateKey,
            cert: identity.server.certificate,
          }),
        });
        sockets.add(tls);
        tls.on('error', () => undefined);
        serve(tls, true);
      } else if (/^AUTH/u.test(line)) say('235 2.7.0 Authentication successful');
      else {
        commands.push(Buffer.from(line, 'latin1').toString());
        const recipient = /^RCPT TO:<([^>]*)>/u.exec(line)?.[1];
        const reply = script(recipient === undefined ? (line.split(' ')[0] ?? '') : `RCPT ${recipient}`);
        inMessage = line === 'DATA' && reply.startsWith('354');
        say(reply);
      }
    };
    socket.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString('latin1')).split('\r\n');
      rest = lines.pop() ?? '';
      for (const line of lines) take(line);
    });
  };

  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    socket.write('220 scripted\r\n');
    serve(socket, false);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  return {
    net: {
      hosts: { 'smtp.office365.com:587': address },
      trustedRoots: [identity.ca],
      connectTimeoutMs: 3000,
      idleTimeoutMs: 500,
    },
    commands,
    stop: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

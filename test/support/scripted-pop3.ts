/**
 * A POP3 server that says what a test tells it to, behind real TLS. For what no well-behaved server does on demand.
 */
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:tls';
import { openTenantIdentity, type TenantIdentity } from '../../src/sandbox/tls/tenant-identity.js';

/** Answers a command: text to send as it stands, "close", or nothing at all. Connections count from 1. */
export type Pop3Script = (command: string, connection: number) => string | undefined;

export interface ScriptedPop3 {
  readonly net: {
    hosts: Record<string, string>;
    trustedRoots: string[];
    connectTimeoutMs: number;
    idleTimeoutMs: number;
  };
  /** Every command, in order. */
  readonly commands: string[];
  /** How many commands had arrived together with others that were not answered yet. */
  readonly ahead: { most: number };
  stop(): Promise<void>;
}

let identity: Promise<TenantIdentity> | undefined;

/** 'GREETING' is the first command of a connection, 'RESPONSE' the second line of a sign-in. */
export async function startScriptedPop3(script: Pop3Script): Promise<ScriptedPop3> {
  identity ??= openTenantIdentity(undefined);
  const { server: own, ca } = await identity;
  const sockets = new Set<Socket>();
  const commands: string[] = [];
  const ahead = { most: 0 };
  let connections = 0;

  const server = createServer({ cert: own.certificate, key: own.privateKey }, (socket) => {
    connections += 1;
    const connection = connections;
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    let rest = '';
    let signingIn = false;
    const take = (command: string): void => {
      const words = script(command, connection);
      if (words === 'close') socket.destroy();
      else if (words?.endsWith('close') === true) socket.end(Buffer.from(words.slice(0, -5), 'latin1'));
      else if (words !== undefined) socket.write(Buffer.from(words, 'latin1'));
    };
    take('GREETING');
    socket.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString('latin1')).split('\r\n');
      rest = lines.pop() ?? '';
      ahead.most = Math.max(ahead.most, lines.length);
      for (const line of lines) {
        const command = signingIn ? 'RESPONSE' : line;
        signingIn = line.startsWith('AUTH');
        commands.push(command);
        take(command);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  return {
    net: {
      hosts: { 'outlook.office365.com:995': address },
      trustedRoots: [ca],
      connectTimeoutMs: 3000,
      idleTimeoutMs: 500,
    },
    commands,
    ahead,
    stop: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

/** A mailbox of these messages, by the book; what a test says otherwise comes first. */
export function mailboxScript(
  messages: readonly string[],
  own: (command: string, connection: number) => string | undefined = () => undefined,
  uidlOf: (number: number) => string = (number) => `uidl-${String(number)}`,
): Pop3Script {
  const lines = (of: (message: string, number: number) => string): string =>
    `+OK\r\n${messages.map((message, index) => `${String(index + 1)} ${of(message, index + 1)}\r\n`).join('')}.\r\n`;
  return (command, connection) => {
    const said = own(command, connection);
    if (said !== undefined) return said === 'silence' ? undefined : said;
    const [verb = '', number = ''] = command.split(' ');
    const message = messages[Number(number) - 1];
    switch (verb) {
      case 'AUTH':
        return '+ \r\n';
      case 'CAPA':
        return '+OK\r\nTOP\r\nUIDL\r\n.\r\n';
      case 'STAT':
        return `+OK ${String(messages.length)} ${String(messages.join('').length)}\r\n`;
      case 'LIST':
        return lines(({ length }) => String(length));
      case 'UIDL':
        return lines((_message, at) => uidlOf(at));
      case 'TOP':
        return message === undefined
          ? '-ERR no such message\r\n'
          : `+OK\r\n${message.slice(0, message.indexOf('\r\n\r\n') + 4)}.\r\n`;
      case 'RETR':
        return message === undefined
          ? '-ERR no such message\r\n'
          : `+OK\r\n${message.replaceAll(/^\./gmu, '..')}.\r\n`;
      default:
        return '+OK\r\n';
    }
  };
}

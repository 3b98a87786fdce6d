/**
 * An IMAP server that says what a test tells it to, behind real TLS. For what no well-behaved server does on demand.
 */
import { createServer, type AddressInfo, type Server } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import { openTenantIdentity } from '../../src/sandbox/tls/tenant-identity.js';
import type { NetPolicy } from '../../src/net/index.js';

/**
 * What to say to a command ("UID FETCH 1 (UID)"): lines, of which one that begins with OK, NO or BAD gets the command's
 * tag; "close" at the end hangs up, and without a line with a status the command stays unanswered.
 */
export type ImapScript = (command: string) => string | Buffer | undefined;

export interface ScriptedImap {
  readonly net: NetPolicy;
  /** Every command after the sign-in, in order, without tags. */
  readonly commands: string[];
  stop(): Promise<void>;
}

const COMMON: Readonly<Record<string, string>> = {
  ID: '* ID NIL\r\nOK done',
  NAMESPACE: '* NAMESPACE (("" "/")) NIL NIL\r\nOK done',
  NOOP: 'OK done',
  LOGOUT: '* BYE bye\r\nOK done\r\nclose',
  LIST: '* LIST () "/" INBOX\r\n* LIST (\\Trash) "/" Trash\r\nOK done',
};

export async function startScriptedImap(
  script: ImapScript,
  { capabilities = 'MOVE UIDPLUS', messages = 3, idleTimeoutMs = 5000 } = {},
): Promise<ScriptedImap> {
  const identity = await openTenantIdentity(undefined);
  const secureContext = createSecureContext({
    key: identity.server.privateKey,
    cert: identity.server.certificate,
  });
  const capability = `IMAP4rev1 AUTH=XOAUTH2 SASL-IR ID NAMESPACE ${capabilities}`;
  const opened = [
    `* ${String(messages)} EXISTS`,
    '* OK [PERMANENTFLAGS (\\Seen \\Flagged \\Deleted)] x',
    '* OK [UIDVALIDITY 7] x',
    `* OK [UIDNEXT ${String(messages + 1)}] x`,
    'OK [READ-WRITE] done',
  ].join('\r\n');
  const commands: string[] = [];
  const sockets = new Set<TLSSocket>();

  const answer = (socket: TLSSocket, line: string): void => {
    const [, tag = '*', command = ''] = /^(\S+) (.*)$/u.exec(line) ?? [];
    const name = command.split(' ', 1)[0]?.toUpperCase() ?? '';
    if (name !== 'AUTHENTICATE' && name !== 'CAPABILITY') commands.push(command);
    const said =
      script(command) ??
      (name === 'CAPABILITY' ? `* CAPABILITY ${capability}\r\nOK done` : undefined) ??
      (name === 'AUTHENTICATE' ? `OK [CAPABILITY ${capability}] done` : undefined) ??
      (name === 'SELECT' || name === 'EXAMINE' ? opened : undefined) ??
      COMMON[name] ??
      'OK done';
    const text = typeof said === 'string' ? said : said.toString('latin1');
    const closes = text.endsWith('close');
    const lines = (closes ? text.slice(0, -'close'.length) : `${text}\r\n`).replace(
      /(?<=^|\r\n)(?=(?:OK|NO|BAD) )/gu,
      `${tag} `,
    );
    socket.write(Buffer.from(lines, 'latin1'));
    if (closes) socket.end();
  };

  const server: Server = createServer((plain) => {
    plain.on('error', () => undefined);
    const socket = new TLSSocket(plain, { isServer: true, secureContext });
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    socket.write('* OK scripted\r\n');
    let rest = '';
    socket.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString('latin1')).split('\r\n');
      rest = lines.pop() ?? '';
      for (const line of lines) answer(socket, line);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    net: {
      hosts: { 'outlook.office365.com:993': `127.0.0.1:${String((server.address() as AddressInfo).port)}` },
      trustedRoots: [identity.ca],
      connectTimeoutMs: 3000,
      idleTimeoutMs,
    },
    commands,
    stop: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

/**
 * Servers that say what a bundle's servers said: token endpoint, IMAP and SMTP. They understand nothing; they wait for
 * the client's next line, note when it is another one than recorded, and answer as recorded.
 */
import { createServer as createHttpsServer } from 'node:https';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, TLSSocket, createSecureContext } from 'node:tls';
import type { TranscriptBundle } from '../../../src/index.js';
import { createAuthority, issueServerCertificate } from '../../../src/sandbox/tls/certificates.js';
import { dialogues, parametersOf, type Entry } from './bundle.js';
import { mintedToken } from './minted-token.js';

export interface ReplayServers {
  readonly hosts: Readonly<Record<string, string>>;
  readonly ca: string;
  /** What the client said other than recorded, and what it never asked for. */
  readonly surprises: readonly string[];
  /** Recorded words of the client that were not heard yet. */
  unheard(): string[];
  stop(): Promise<void>;
}

const SASL_ERROR = Buffer.from('{"status":"400","schemes":"Bearer","scope":""}').toString('base64');

/** The server's words as bytes: redacted challenges and literals get content of the same shape. */
function wireOf(text: string, tag: readonly [string, string] | undefined): string {
  const tagged =
    tag !== undefined && text.startsWith(`${tag[0]} `) ? tag[1] + text.slice(tag[0].length) : text;
  const lines = tagged
    .replace(/^(\+|334) <redacted>$/u, `$1 ${SASL_ERROR}`)
    .replace(/\{(\d+)\} /gu, (_all, size: string) => `{${size}}\r\n${'x'.repeat(Number(size))}`);
  return `${lines.replace(/(?<!\r)\n/gu, '\r\n')}\r\n`;
}

/** What of a client's line can be compared: a sign-in is redacted in the record, a name of a machine as well. */
function gist(line: string, protocol: 'imap' | 'smtp'): string {
  if (protocol === 'smtp') return line.replace(/^(EHLO|AUTH \S+) .*$/u, '$1').replace(/\r$/u, '');
  return line
    .replace(/^\w+ /u, '')
    .replace(/^(AUTHENTICATE \S+) .*$/u, '$1')
    .replace(/"version" "[^"]*"/u, '"version"');
}

/** Plays one recorded connection to a client. */
function play(first: Socket, script: readonly Entry[], protocol: 'imap' | 'smtp', replay: Replay): void {
  let socket = first;
  let buffered = '';
  let next = 0;
  let tag: readonly [string, string] | undefined;

  const speak = (): void => {
    for (let entry = script[next]; entry !== undefined && entry.from !== 'client'; entry = script[next]) {
      next += 1;
      if (entry.from === 'server') socket.write(wireOf(entry.text, tag));
    }
  };
  const upgrade = (): void => {
    socket.off('data', onData);
    socket = new TLSSocket(socket, { isServer: true, secureContext: replay.secureContext });
    socket.on('error', () => undefined).on('data', onData);
    buffered = '';
  };
  const hear = (line: string): void => {
    const expected = script[next];
    if (expected === undefined) {
      replay.surprises.push(`${protocol}: not in the record: ${gist(line, protocol)}`);
      socket.end();
      return;
    }
    next += 1;
    replay.expected.delete(expected);
    if (gist(line, protocol) !== gist(expected.text, protocol)) {
      replay.surprises.push(
        `${protocol}: ${gist(line, protocol)} instead of ${gist(expected.text, protocol)}`,
      );
    }
    tag = [expected.text.split(' ')[0] ?? '', line.split(' ')[0] ?? ''];
    speak();
    if (protocol === 'smtp' && line === 'STARTTLS' && script[next - 1]?.text.startsWith('220') === true)
      upgrade();
  };
  const onData = (chunk: Buffer): void => {
    buffered += chunk.toString('latin1');
    for (let end = buffered.indexOf('\r\n'); end !== -1; end = buffered.indexOf('\r\n')) {
      const line = buffered.slice(0, end);
      buffered = buffered.slice(end + 2);
      hear(line);
    }
  };
  socket.on('error', () => undefined).on('data', onData);
  speak();
}

interface Replay {
  readonly surprises: string[];
  /** Words of the client that are still to come. */
  readonly expected: Set<Entry>;
  readonly secureContext: ReturnType<typeof createSecureContext>;
}

/** Gives each connection the next of the recorded ones. */
function playInOrder(
  scripts: Entry[][],
  protocol: 'imap' | 'smtp',
  replay: Replay,
): (socket: Socket) => void {
  const waiting = [...scripts];
  return (socket) => {
    const script = waiting.shift();
    if (script !== undefined) play(socket, script, protocol, replay);
    else {
      replay.surprises.push(`${protocol}: one connection more than recorded`);
      socket.destroy();
    }
  };
}

/** Recorded answers by what was asked; each is given once. */
function answersTo(
  exchanges: Entry[][],
  replay: Replay,
): (request: string, body: string) => string | undefined {
  const keyOf = (text: string): string => {
    const scope = parametersOf(text).get('scope');
    return [text.split('\n')[0], scope].join(' ');
  };
  const waiting = exchanges.map((entries) => ({
    asked: entries.find(({ from }) => from === 'client'),
    answer: entries.find(({ from }) => from === 'server')?.text,
  }));
  return (request, body) => {
    const form = [...new URLSearchParams(body)].map(([name, value]) => `${name}=${value}`);
    const key = keyOf([request, ...form].join('\n'));
    const index = waiting.findIndex(({ asked }) => keyOf(asked?.text ?? '') === key);
    const [found] = index === -1 ? [] : waiting.splice(index, 1);
    if (found?.asked === undefined || found.answer === undefined) return undefined;
    replay.expected.delete(found.asked);
    return mintedToken(found.answer, found.asked.text);
  };
}

async function listening(server: Server): Promise<{ address: string; stop: () => Promise<void> }> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    stop: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

export async function startReplay({ transcript }: TranscriptBundle): Promise<ReplayServers> {
  const names = [...new Set(transcript.map(({ host }) => host))];
  const authority = createAuthority();
  const { certificate: cert, privateKey: key } = issueServerCertificate(authority, names);
  const replay: Replay = {
    surprises: [],
    expected: new Set(transcript.filter(({ from }) => from === 'client')),
    secureContext: createSecureContext({ cert, key }),
  };
  const answer = answersTo(dialogues(transcript, 'https'), replay);

  const https = createHttpsServer({ cert, key }, (incoming, outgoing) => {
    let body = '';
    incoming.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')));
    incoming.on('end', () => {
      const request = `${incoming.method ?? ''} ${(incoming.url ?? '').split('?')[0] ?? ''}`;
      const recorded = answer(request, body);
      if (recorded === undefined) {
        replay.surprises.push(`https: not in the record: ${request}`);
        outgoing.destroy();
        return;
      }
      const [head = '', text = ''] = recorded.split('\n\n');
      const [status = '', ...headers] = head.split('\n');
      for (const header of headers) outgoing.setHeader(...(header.split(': ') as [string, string]));
      outgoing.statusCode = Number(status.replace('HTTP ', ''));
      outgoing.end(text);
    });
  });
  const imap = createTlsServer({ cert, key }, playInOrder(dialogues(transcript, 'imap'), 'imap', replay));
  const smtp = createServer(playInOrder(dialogues(transcript, 'smtp'), 'smtp', replay));
  const [login, reading, sending] = [await listening(https), await listening(imap), await listening(smtp)];
  const addressOf = (protocol: Entry['protocol']): string =>
    ({ https: login, imap: reading, smtp: sending, pop3: undefined })[protocol]?.address ?? '';
  return {
    hosts: Object.fromEntries(
      transcript.map(({ host, port, protocol }) => [`${host}:${String(port)}`, addressOf(protocol)]),
    ),
    ca: authority.certificate,
    surprises: replay.surprises,
    unheard: () => [...replay.expected].map(({ text }) => text),
    stop: async () => {
      await Promise.all([login.stop(), reading.stop(), sending.stop()]);
    },
  };
}

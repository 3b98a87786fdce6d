/**
 * Gives the tap of a policy what is said on its connections. Owns: numbering, time, and that nothing reaches the tap
 * but redacted text. Must not: throw into the traffic that it listens to.
 */
import type { Tap, TranscriptEntry } from './entry.js';
import { GraphRedaction } from './graph-redaction.js';
import { HttpsRedaction } from './https-redaction.js';
import { ImapRedaction } from './imap-redaction.js';
import { LineSplitter } from './line-splitter.js';
import { Pop3Redaction } from './pop3-redaction.js';
import { Scrubber } from './scrubber.js';
import { SmtpRedaction } from './smtp-redaction.js';

class Recorder {
  readonly scrubber = new Scrubber();
  readonly #tap: Tap;
  readonly #start = performance.now();
  #connections = 0;

  constructor(tap: Tap) {
    this.#tap = tap;
  }

  /** A new connection; the function takes what is said on it, redacted. */
  open(protocol: TranscriptEntry['protocol'], host: string, port: number): Say {
    this.#connections += 1;
    const base = { protocol, connection: this.#connections, host, port };
    return (from, make) => {
      try {
        const at = Math.round(performance.now() - this.#start);
        this.#tap({ ...base, from, at, text: make() });
      } catch {
        // A tap that fails, or a line that redaction stumbles over, is lost; the traffic goes on.
      }
    };
  }
}

type Say = (from: TranscriptEntry['from'], make: () => string) => void;

// By the tap and not by the policy: a copy of a policy still belongs to the same transcript.
const recorders = new WeakMap<Tap, Recorder>();

function recorderOf(tap: Tap): Recorder {
  let recorder = recorders.get(tap);
  if (recorder === undefined) {
    recorder = new Recorder(tap);
    recorders.set(tap, recorder);
  }
  return recorder;
}

/** Listens to one mail connection. */
export interface MailListener {
  /** A secret that this connection will carry. */
  learn(secret: string): void;
  /** IMAP: bytes as they come. SMTP: one command or reply. POP3: one line, without those of a multi-line answer. */
  client(words: Buffer | string): void;
  server(words: Buffer | string): void;
  /** The client, or the server, sent content of this size; its bytes never come here. */
  content(bytes: number, from?: 'client' | 'server'): void;
  /** Words of our own, without anything that came from outside. */
  note(text: string): void;
}

export interface HttpsListener {
  request(method: string, url: URL, body: string | undefined): void;
  answer(status: number, headers: Readonly<Record<string, string>>, body: string): void;
  note(text: string): void;
}

const bytesOf = (words: Buffer | string): Buffer =>
  typeof words === 'string' ? Buffer.from(words, 'latin1') : words;

function listenToLines(say: Say, scrubber: Scrubber): MailListener {
  const redaction = new ImapRedaction(scrubber);
  const client = new LineSplitter((line) => say('client', () => redaction.client(line)));
  const server = new LineSplitter((line) => say('server', () => redaction.server(line)));
  return {
    learn: (secret) => scrubber.secrets.learn(secret),
    client: (words) => client.push(bytesOf(words)),
    server: (words) => server.push(bytesOf(words)),
    content: (bytes, from = 'client') => say(from, () => `<content, ${String(bytes)} bytes>`),
    note: (text) => say('note', () => text),
  };
}

function listenToReplies(
  say: Say,
  scrubber: Scrubber,
  redaction: SmtpRedaction | Pop3Redaction,
): MailListener {
  return {
    learn: (secret) => scrubber.secrets.learn(secret),
    client: (words) => say('client', () => redaction.client(String(words).replace(/\r?\n$/u, ''))),
    server: (words) => say('server', () => redaction.server(String(words).replace(/\r?\n$/u, ''))),
    content: (bytes, from = 'client') => say(from, () => `<content, ${String(bytes)} bytes>`),
    note: (text) => say('note', () => text),
  };
}

/** A listener for a new mail connection, or undefined when nobody listens. */
export function listenToMail(
  tap: Tap | undefined,
  protocol: 'imap' | 'smtp' | 'pop3',
  host: string,
  port: number,
): MailListener | undefined {
  if (tap === undefined) return undefined;
  const recorder = recorderOf(tap);
  const say = recorder.open(protocol, host, port);
  const { scrubber } = recorder;
  switch (protocol) {
    case 'imap':
      return listenToLines(say, scrubber);
    case 'smtp':
      return listenToReplies(say, scrubber, new SmtpRedaction(scrubber));
    case 'pop3':
      return listenToReplies(say, scrubber, new Pop3Redaction(scrubber));
  }
}

/** A listener for one HTTPS exchange, or undefined when nobody listens. */
export function listenToHttps(tap: Tap | undefined, host: string, port: number): HttpsListener | undefined {
  if (tap === undefined) return undefined;
  const recorder = recorderOf(tap);
  const say = recorder.open('https', host, port);
  const redaction = new HttpsRedaction(recorder.scrubber);
  return {
    request: (method, url, body) => say('client', () => redaction.request(method, url, body)),
    answer: (status, headers, body) => say('server', () => redaction.answer(status, headers, body)),
    note: (text) => say('note', () => text),
  };
}

/** Listens to the calls of one connection to Microsoft Graph. */
export interface GraphListener {
  /** A secret that this connection will carry. */
  learn(secret: string): void;
  request(method: string, path: string, bodyBytes: number): void;
  answer(status: number, headers: Readonly<Record<string, string>>, errorCode?: string): void;
  note(text: string): void;
}

/** A listener for calls of Microsoft Graph, or undefined when nobody listens. */
export function listenToGraph(tap: Tap | undefined, host: string, port: number): GraphListener | undefined {
  if (tap === undefined) return undefined;
  const recorder = recorderOf(tap);
  const say = recorder.open('https', host, port);
  const redaction = new GraphRedaction(recorder.scrubber);
  return {
    learn: (secret) => recorder.scrubber.secrets.learn(secret),
    request: (method, path, bodyBytes) => say('client', () => redaction.request(method, path, bodyBytes)),
    answer: (status, headers, errorCode) => say('server', () => redaction.answer(status, headers, errorCode)),
    note: (text) => say('note', () => text),
  };
}

/**
 * Finds secrets again, in whatever form they may have got into a text: as they are, in base64 at each of the three
 * alignments, base64url, percent-encoded, as JSON, in hexadecimal. Independent of the product's own redaction.
 *
 * Long secrets are looked for in pieces, so that a cut one is found too.
 */
import { format, inspect } from 'node:util';

const PIECE_CHARACTERS = 32;
const MIN_CHARACTERS = 12;
/** Every form has at least as many. */
const HEAD_CHARACTERS = 8;

export interface Finding {
  readonly secret: string;
  readonly form: string;
  /** What the text was called, and the place in it. */
  readonly where: string;
  readonly around: string;
}

type Form = readonly [form: string, text: string];

/** What base64 makes of some bytes whatever stands before and behind them: the characters that depend on them alone. */
function base64Core(bytes: Buffer, before: number): string {
  const encoded = Buffer.concat([Buffer.alloc(before), bytes, Buffer.alloc(3)]).toString('base64');
  return encoded.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
}

/** Every form of one secret (or piece of one). Exported for the test of the finder itself. */
export function formsOf(secret: string): Form[] {
  const bytes = Buffer.from(secret, 'utf8');
  const cores = [0, 1, 2].map((before): Form => [`base64+${String(before)}`, base64Core(bytes, before)]);
  const forms: Form[] = [
    ['plain', secret],
    ['json', JSON.stringify(secret).slice(1, -1)],
    ['inspected', inspect(secret).slice(1, -1)],
    ['percent', encodeURIComponent(secret)],
    ['form', new URLSearchParams({ x: secret }).toString().slice(2)],
    ['latin1', bytes.toString('latin1')],
    ['hex', bytes.toString('hex')],
    ['HEX', bytes.toString('hex').toUpperCase()],
    // As inspect() shows a Buffer.
    ['hex bytes', bytes.toString('hex').replace(/../gu, '$& ').trim()],
    ...cores,
    ...cores.map(([form, text]): Form => [
      form.replace('64', '64url'),
      text.replaceAll('+', '-').replaceAll('/', '_'),
    ]),
  ];
  const seen = new Set<string>();
  return forms.filter(([, text]) => !seen.has(text) && seen.add(text));
}

function piecesOf(secret: string): string[] {
  if (secret.length < 2 * PIECE_CHARACTERS) return [secret];
  const pieces: string[] = [];
  for (let at = 0; at + PIECE_CHARACTERS <= secret.length; at += PIECE_CHARACTERS) {
    pieces.push(secret.slice(at, at + PIECE_CHARACTERS));
  }
  return pieces;
}

export class Canaries {
  readonly #forms = new Map<string, readonly [secret: string, form: string]>();
  /** The same forms by how they begin. */
  readonly #byHead = new Map<string, string[]>();
  readonly #names = new Map<string, string>();

  /** Remembers a secret. The same one may come again. @throws when it is too short to be told from chance */
  plant(name: string, secret: string): void {
    if (this.#names.has(secret)) return;
    if (secret.length < MIN_CHARACTERS) throw new Error(`The canary ${name} is too short.`);
    this.#names.set(secret, name);
    for (const piece of piecesOf(secret)) {
      for (const [form, text] of formsOf(piece)) this.#remember(text, name, form);
    }
  }

  /** The key of a PEM block, line by line and as the bytes it stands for. */
  plantPem(name: string, pem: string): void {
    const lines = pem
      .split('\n')
      .filter((line) => line.length >= PIECE_CHARACTERS && !line.includes('-----'));
    for (const line of lines) this.plant(name, line);
    const bytes = Buffer.from(lines.join(''), 'base64');
    for (let at = 64; at + 16 <= bytes.length; at += 64) {
      this.#remember(bytes.subarray(at, at + 16).toString('hex'), name, 'DER');
    }
  }

  /** Names of all that was planted, each once. */
  get names(): string[] {
    return [...new Set(this.#names.values())].sort();
  }

  /** Everything found in a text, or in bytes as they lie in a file; every form once. */
  find(where: string, content: string | Buffer): Finding[] {
    const text = typeof content === 'string' ? content : content.toString('latin1');
    // One pass, however many forms there are: thousands of them are looked for in megabytes.
    const found = new Map<string, number>();
    for (let at = 0; at + HEAD_CHARACTERS <= text.length; at += 1) {
      for (const form of this.#byHead.get(text.slice(at, at + HEAD_CHARACTERS)) ?? []) {
        if (!found.has(form) && text.startsWith(form, at)) found.set(form, at);
      }
    }
    return [...found].map(([sought, at]) => {
      const [secret = '', form = ''] = this.#forms.get(sought) ?? [];
      const around = text.slice(Math.max(0, at - 120), at + 40).replace(/\s+/gu, ' ');
      return { secret, form, where: `${where} at ${String(at)}`, around };
    });
  }

  #remember(text: string, secret: string, form: string): void {
    if (this.#forms.has(text)) return;
    this.#forms.set(text, [secret, form]);
    const head = text.slice(0, HEAD_CHARACTERS);
    this.#byHead.set(head, [...(this.#byHead.get(head) ?? []), text]);
  }
}

/** The renderings that look through an error at its causes, without asking it how it wants to be shown. */
export const LOOKS_AT_CAUSES = /uncaught|cause [1-9]/u;

/** Everything a program could print of a value, whichever way it is logged. */
export function renderings(value: unknown): Record<string, string> {
  const texts: Record<string, string> = {
    json: format('%j', value),
    string: value instanceof Error ? String(value) : '',
    inspect: inspect(value, { depth: 20, showHidden: true, maxStringLength: null, maxArrayLength: null }),
    // Node prints an uncaught error so, its causes as well, without asking the error how it wants to look.
    uncaught: inspect(value, {
      depth: 20,
      showHidden: true,
      customInspect: false,
      maxStringLength: null,
      maxArrayLength: null,
      getters: true,
    }),
    formatted: format('%s %o %O %j', value, value, value, value),
  };
  let error: unknown = value;
  for (let depth = 0; error instanceof Error && depth < 10; depth += 1) {
    const own = Object.entries(Object.getOwnPropertyDescriptors(error))
      .filter(([name]) => name !== 'cause')
      .map(([name, { value: held }]) => `${name}: ${String(held)}`);
    texts[`cause ${String(depth)}`] = [error.message, error.stack ?? '', ...own].join('\n');
    error = error.cause;
  }
  return texts;
}

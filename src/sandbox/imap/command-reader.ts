/**
 * Takes one command off the wire: a line, with literals (RFC 3501) and non-synchronising literals (LITERAL+).
 * Enforces the limits that keep a client from filling the memory; interprets nothing.
 */
import type { LineReader } from '../sockets/line-reader.js';
import { LineTooLong } from '../sockets/line-reader.js';
import type { Output } from '../sockets/output.js';
import { ArgumentReader } from './argument-reader.js';

export interface RawCommand {
  readonly tag: string;
  /** Upper case; 'UID FETCH' for the UID forms. Empty when the line was no command. */
  readonly name: string;
  readonly arguments: ArgumentReader;
}

export interface ReaderLimits {
  readonly maxLineBytes: number;
  /** Size of a single literal of APPEND, and of all literals of another command together. */
  readonly maxAppendBytes: number;
  readonly maxLiteralBytes: number;
}

/** A literal was announced that is too large to accept. */
export class LiteralTooLarge extends Error {
  override readonly name = 'LiteralTooLarge';
  readonly tag: string;
  /** The client did not wait for permission: its bytes are on the way and cannot be told from commands. */
  readonly isUnstoppable: boolean;

  constructor(tag: string, isUnstoppable: boolean) {
    super();
    this.tag = tag;
    this.isUnstoppable = isUnstoppable;
  }
}

const LITERAL_MARK = /\{(?<size>\d{1,10})(?<plus>\+?)\}$/u;

export async function readCommand(
  reader: LineReader,
  output: Output,
  limits: ReaderLimits,
): Promise<RawCommand> {
  const literals: Buffer[] = [];
  let text = '';
  let literalBytes = 0;
  for (;;) {
    const line = (await reader.readLine(limits.maxLineBytes)).toString('latin1');
    text += line;
    if (text.length > limits.maxLineBytes) throw new LineTooLong();
    const mark = LITERAL_MARK.exec(line)?.groups;
    if (mark === undefined) return splitCommand(text, literals);
    const size = Number(mark.size);
    const isPlus = mark.plus === '+';
    const allowed = /^\S+ APPEND /iu.test(text)
      ? limits.maxAppendBytes
      : limits.maxLiteralBytes - literalBytes;
    if (size > allowed) throw new LiteralTooLarge(text.split(' ', 1)[0] ?? '*', isPlus);
    if (!isPlus) {
      await output.write('+ Ready for additional command text.\r\n');
      await output.flush();
    }
    literals.push(await reader.readBytes(size));
    literalBytes += size;
    text += '\r\n';
  }
}

function splitCommand(text: string, literals: readonly Buffer[]): RawCommand {
  const match = /^(?<tag>[^\s"%()*+\\{]+) (?<name>UID [A-Z]+|[A-Z]+)(?<rest>$|[ \r][\s\S]*$)/iu.exec(
    text,
  )?.groups;
  if (match === undefined) {
    return { tag: /^[^\s"%()*+\\{]+/u.exec(text)?.[0] ?? '*', name: '', arguments: new ArgumentReader('') };
  }
  const rest = match.rest ?? '';
  return {
    tag: match.tag ?? '*',
    name: (match.name ?? '').toUpperCase(),
    arguments: new ArgumentReader(rest.startsWith(' ') ? rest.slice(1) : rest, literals),
  };
}

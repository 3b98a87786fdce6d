/**
 * Character sets that switch within 7-bit text and that no library of ours knows: ISO-2022-KR (RFC 1557), the GB 2312
 * part of ISO-2022-CN (RFC 1922), and HZ (RFC 1843). Owns: where the switches are. The characters themselves
 * are those of EUC-KR and GBK with the eighth bit taken away.
 */
import { TextDecoder } from 'node:util';

const ESCAPE = 0x1b;
const SHIFT_OUT = 0x0e;
const SHIFT_IN = 0x0f;
const LF = 0x0a;
const TILDE = 0x7e;

/** Runs of one-byte and two-byte text in turn, beginning with one-byte text. */
class Runs {
  readonly #wide: TextDecoder;
  readonly #bytes: number[] = [];
  readonly #texts: string[] = [];
  #isWide = false;

  constructor(wide: string) {
    this.#wide = new TextDecoder(wide);
  }

  switchTo(wide: boolean): void {
    if (wide === this.#isWide) return;
    this.#flush();
    this.#isWide = wide;
  }

  add(byte: number): void {
    // A control character is never half of a wide one.
    this.#bytes.push(this.#isWide && byte > 0x20 ? byte | 0x80 : byte);
  }

  text(): string {
    this.#flush();
    return this.#texts.join('');
  }

  #flush(): void {
    const bytes = Buffer.from(this.#bytes);
    this.#texts.push(this.#isWide ? this.#wide.decode(bytes) : oneByte(bytes));
    this.#bytes.length = 0;
  }
}

/** US-ASCII; what has the eighth bit has no place here and is shown as the replacement character. */
function oneByte(bytes: Buffer): string {
  return bytes.toString('latin1').replace(/[\u0080-\u00ff]/gu, '\ufffd');
}

/** ISO 2022 with one wide set that is shifted to and from: SO and SI. Designations are read over. */
function decodeShifted(bytes: Buffer, wide: string): string {
  const runs = new Runs(wide);
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte === ESCAPE && bytes[at + 1] === 0x24 && bytes[at + 2] === 0x29) at += 3;
    else if (byte === SHIFT_OUT) runs.switchTo(true);
    else if (byte === SHIFT_IN) runs.switchTo(false);
    else {
      if (byte === LF) runs.switchTo(false);
      runs.add(byte);
    }
  }
  return runs.text();
}

export const decodeIso2022Kr = (bytes: Buffer): string => decodeShifted(bytes, 'euc-kr');
export const decodeIso2022Cn = (bytes: Buffer): string => decodeShifted(bytes, 'gbk');

/** HZ: `~{` and `~}` shift, `~~` is a tilde, `~` before a line end joins the lines. */
export function decodeHz(bytes: Buffer): string {
  const runs = new Runs('gbk');
  let wide = false;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    const next = bytes[at + 1];
    if (byte === TILDE && next === (wide ? 0x7d : 0x7b)) {
      wide = !wide;
      runs.switchTo(wide);
      at += 1;
    } else if (byte === TILDE && !wide && (next === TILDE || next === LF)) {
      if (next === TILDE) runs.add(TILDE);
      at += 1;
    } else {
      if (byte === LF) {
        wide = false;
        runs.switchTo(false);
      }
      runs.add(byte);
    }
  }
  return runs.text();
}

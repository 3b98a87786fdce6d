/**
 * Remembers the secrets that went over the wire and finds them again wherever a server repeats them: as they are,
 * percent-encoded, and in base64 at each of its three alignments. Owns: that memory, which is never shown.
 */

/** Shorter ones are taken out where they stand; to look for them everywhere would blank out half of every text. */
const MIN_CHARACTERS = 6;
const MIN_BASE64_CHARACTERS = 8;

/** The characters that base64 has for some bytes, whatever stands before and after them. */
function base64Cores(secret: Buffer): string[] {
  return [0, 1, 2].map((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), secret])
      .toString('base64')
      .replace(/=+$/u, '');
    const first = Math.ceil((offset * 8) / 6);
    const end = Math.floor(((offset + secret.length) * 8) / 6);
    return text.slice(first, end);
  });
}

function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret, 'utf8');
  const cores = [...base64Cores(bytes), ...base64Cores(Buffer.from(secret, 'utf16le'))].filter(
    (core) => core.length >= MIN_BASE64_CHARACTERS,
  );
  const percent = encodeURIComponent(secret);
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    percent,
    percent.replaceAll('%20', '+'),
    bytes.toString('latin1'),
    bytes.toString('hex'),
    ...cores,
    ...cores.map((core) => core.replaceAll('+', '-').replaceAll('/', '_')),
    // base64 once more: a SASL response that is repeated inside another one
    ...cores.flatMap((core) => base64Cores(Buffer.from(core, 'latin1'))),
  ];
}

export class Secrets {
  readonly #forms = new Set<string>();

  learn(secret: string): void {
    if (secret.length < MIN_CHARACTERS) return;
    for (const form of formsOf(secret)) this.#forms.add(form);
  }

  /** The text without any secret that was learnt. */
  scrub(text: string): string {
    let result = text;
    for (const form of this.#forms) {
      if (result.includes(form)) result = result.replaceAll(form, '<redacted>');
    }
    return result;
  }
}

/** What stands in place of a value of which only the length may be known. */
export const redactedValue = (value: string): string => `<redacted ${String(value.length)} characters>`;

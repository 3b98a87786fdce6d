/**
 * Splits a structured header value (Content-Type, Content-Disposition) into its value and its parameters.
 * Keeps parameter names and values as they are on the wire; RFC 2231 is not undone here.
 */

export interface StructuredValue {
  readonly value: string;
  /** Names in lower case, in order of appearance. */
  readonly parameters: ReadonlyMap<string, string>;
}

const MAX_PARAMETERS = 200;

export function parseStructuredValue(text: string): StructuredValue {
  const pieces = splitOutsideQuotes(text, ';');
  const parameters = new Map<string, string>();
  for (const piece of pieces.slice(1, MAX_PARAMETERS)) {
    const equals = piece.indexOf('=');
    if (equals === -1) continue;
    const name = piece.slice(0, equals).trim().toLowerCase();
    if (name !== '' && !parameters.has(name)) parameters.set(name, unquote(piece.slice(equals + 1).trim()));
  }
  return { value: (pieces[0] ?? '').trim().toLowerCase(), parameters };
}

/** Splits at a separator that is neither inside a quoted string nor inside a (comment); drops comments. */
export function splitOutsideQuotes(text: string, separator: string): string[] {
  const pieces: string[] = [];
  let piece = '';
  let quoted = false;
  let comment = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === '\\' && (quoted || comment > 0)) {
      if (comment === 0) piece += text.slice(at, at + 2);
      at++;
    } else if (comment > 0) {
      if (char === '(') comment++;
      if (char === ')') comment--;
    } else if (char === '"') {
      quoted = !quoted;
      piece += char;
    } else if (!quoted && char === '(') {
      comment++;
    } else if (!quoted && char === separator) {
      pieces.push(piece);
      piece = '';
    } else {
      piece += char;
    }
  }
  pieces.push(piece);
  return pieces;
}

export function unquote(text: string): string {
  if (!text.startsWith('"')) return text;
  const inner = text.endsWith('"') && text.length > 1 ? text.slice(1, -1) : text.slice(1);
  return inner.replace(/\\(.)/gsu, '$1');
}

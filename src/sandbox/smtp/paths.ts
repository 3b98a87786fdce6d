/**
 * Reads the arguments of MAIL and RCPT: a path in angle brackets and ESMTP parameters.
 */

export interface PathArgument {
  readonly address: string;
  /** Names in upper case; a parameter without '=' has an empty value. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** `keyword` is 'FROM' or 'TO'. Undefined when malformed. */
export function parsePath(text: string, keyword: 'FROM' | 'TO'): PathArgument | undefined {
  const prefix = `${keyword}:`;
  if (text.slice(0, prefix.length).toUpperCase() !== prefix) return undefined;
  const rest = text.slice(prefix.length).trim();
  const close = rest.indexOf('>');
  if (!rest.startsWith('<') || close === -1) return undefined;
  const path = rest.slice(1, close);
  // A source route (<@a,@b:user@host>) is accepted and ignored, RFC 5321 appendix C.
  const address = path.startsWith('@') ? path.slice(path.indexOf(':') + 1) : path;
  const isNull = address === '' && keyword === 'FROM';
  if (!isNull && !/^[^\s@"<>][^\s<>]*@[^\s@<>]+$/u.test(address)) return undefined;
  const parameters = new Map<string, string>();
  for (const piece of rest.slice(close + 1).split(' ')) {
    if (piece === '') continue;
    const equals = piece.indexOf('=');
    const name = (equals === -1 ? piece : piece.slice(0, equals)).toUpperCase();
    parameters.set(name, equals === -1 ? '' : piece.slice(equals + 1));
  }
  return { address, parameters };
}

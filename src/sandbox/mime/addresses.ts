/**
 * Reads address lists (RFC 5322 section 3.4) leniently: a server has to answer an ENVELOPE for whatever arrived.
 * Names stay encoded as they are on the wire.
 */
import { splitOutsideQuotes, unquote } from './parameters.js';

export type Address =
  | {
      readonly kind: 'mailbox';
      readonly name: string | undefined;
      readonly local: string;
      readonly host: string;
    }
  | { readonly kind: 'group-start'; readonly name: string }
  | { readonly kind: 'group-end' };

const MAX_ADDRESSES = 5000;

export function parseAddresses(value: string): Address[] {
  const addresses: Address[] = [];
  for (const piece of splitOutsideQuotes(value, ',')) {
    let rest = piece.trim();
    const colon = findGroupColon(rest);
    if (colon !== -1) {
      addresses.push({ kind: 'group-start', name: unquote(rest.slice(0, colon).trim()) });
      rest = rest.slice(colon + 1).trim();
    }
    const closes = rest.endsWith(';');
    if (closes) rest = rest.slice(0, -1).trim();
    const mailbox = parseMailbox(rest);
    if (mailbox !== undefined) addresses.push(mailbox);
    if (closes) addresses.push({ kind: 'group-end' });
    if (addresses.length >= MAX_ADDRESSES) break;
  }
  return addresses;
}

/** Bare addresses ('anna@contoso.example') of a header value. */
export function listAddressSpecs(value: string): string[] {
  return parseAddresses(value).flatMap((address) =>
    address.kind === 'mailbox' ? [`${address.local}@${address.host}`] : [],
  );
}

function parseMailbox(text: string): Address | undefined {
  if (text === '') return undefined;
  const open = text.lastIndexOf('<');
  const close = text.lastIndexOf('>');
  const inAngles = open !== -1 && close > open;
  const spec = inAngles ? text.slice(open + 1, close).trim() : text;
  const name = inAngles ? unquote(text.slice(0, open).trim()) : '';
  // <@route:user@host>: the route has been obsolete since 1989 and is dropped.
  const address = spec.startsWith('@') ? spec.slice(spec.indexOf(':') + 1) : spec;
  const at = address.lastIndexOf('@');
  return {
    kind: 'mailbox',
    name: name === '' ? undefined : name,
    local: unquote(at === -1 ? address : address.slice(0, at)),
    host: at === -1 ? '' : address.slice(at + 1).trim(),
  };
}

/** A colon that opens a group stands before any '<' and outside quotes. */
function findGroupColon(text: string): number {
  const [head = ''] = splitOutsideQuotes(text, ':');
  return head.length < text.length && !head.includes('<') && !head.includes('@') ? head.length : -1;
}

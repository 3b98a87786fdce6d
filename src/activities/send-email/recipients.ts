/**
 * Recipients written as text: `"Schröder, Bernd" <b@contoso.example>; c@contoso.example`. Owns: making lists of them.
 * Must not: judge an address (the schema does, with the place in the list).
 */
import { Failure } from '../../errors/index.js';
import { parseAddresses } from '../../mail/index.js';

const FIELDS = ['to', 'cc', 'bcc', 'replyTo'] as const;
/** A longer one is left to the schema, which refuses it. */
const MAX_LENGTH = 1_000_000;

/**
 * The request with lists in place of texts.
 * @throws Failure input-invalid for a text of which a part would be lost: a recipient would not get the message then
 */
export function withAddressLists(request: unknown): unknown {
  if (typeof request !== 'object' || request === null) return request;
  const record = request as Readonly<Record<string, unknown>>;
  const lists = FIELDS.flatMap((field): [string, unknown][] => {
    const value = record[field];
    return typeof value === 'string' && value.length <= MAX_LENGTH ? [[field, listOf(field, value)]] : [];
  });
  return lists.length === 0 ? request : { ...record, ...Object.fromEntries(lists) };
}

function listOf(field: string, text: string): { name?: string; address: string }[] {
  const found = parseAddresses(text);
  const kept = found.reduce((sum, { name, address }) => sum + signs(name) + signs(address), 0);
  // eslint-disable-next-line no-control-regex -- control characters are what is refused
  const broken = /[\u0000-\u001f\u007f]/u.test(text);
  const hidden = found.some(({ name, address }) => hidesAddress(name, address, text));
  if (broken || hidden || kept !== signs(text)) {
    const label = `activities.send-email.request.${field}.label`;
    throw new Failure('input-invalid', { problems: [{ pointer: `/${field}`, label, rule: 'pattern' }] });
  }
  return found.map(({ name, address }) => (name === '' ? { address } : { name, address }));
}

/** A separator forgotten between two addresses makes the first one the name of the second. */
function hidesAddress(name: string, address: string, text: string): boolean {
  return name.includes('@') && name !== address && !text.includes(`"${name}"`);
}

/** How many addresses a text has at most. */
function signs(text: string): number {
  return text.split('@').length - 1;
}

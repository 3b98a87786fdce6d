/**
 * Addresses as servers take them (RFC 5321 section 4.1.2, RFC 6531). Owns: their form on the wire, and what cannot have one.
 * Must not: know whether anybody reads there.
 */
import { domainToASCII } from 'node:url';
import type { EmailAddress, FieldProblem } from '../../generated/types.js';

/** RFC 5321 section 4.5.3.1, in bytes; the path has angle brackets besides. */
const LONGEST_LOCAL_PART = 64;
const LONGEST_ADDRESS = 254;

/** Letters and signs of RFC 5322, and of other scripts what can be seen (RFC 6532): no blanks, marks of direction or halves. */
const LOCAL_PART = /^[\w!#$%&'*+/=?^`{|}~\-\p{L}\p{M}\p{N}]+(?:\.[\w!#$%&'*+/=?^`{|}~\-\p{L}\p{M}\p{N}]+)*$/u;
const LABEL = /^[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?$/iu;

/** The domain in the form that every server understands (RFC 5891); an address that has none stays as it is. */
export function asciiAddress(address: string): string {
  const at = address.lastIndexOf('@');
  const domain = domainToASCII(address.slice(at + 1));
  return domain === '' ? address : `${address.slice(0, at + 1)}${domain}`;
}

export function withAsciiDomain({ address, ...rest }: EmailAddress): EmailAddress {
  return { ...rest, address: asciiAddress(address) };
}

/** A server is asked with the address as it stands: one that is none would be another one, or part of a command. */
export function isAddress(address: string): boolean {
  const ascii = asciiAddress(address);
  const at = ascii.lastIndexOf('@');
  const local = ascii.slice(0, at);
  const labels = ascii.slice(at + 1).split('.');
  if (Buffer.byteLength(local) > LONGEST_LOCAL_PART || Buffer.byteLength(ascii) > LONGEST_ADDRESS)
    return false;
  // Readers decode what looks like an encoded word (RFC 2047), wherever it stands.
  return !local.includes('=?') && LOCAL_PART.test(local) && labels.every((label) => LABEL.test(label));
}

type Addressed = Readonly<Record<'to' | 'cc' | 'bcc' | 'replyTo', readonly EmailAddress[]>> & {
  readonly from: EmailAddress;
};

/** The addresses of a message that are none. */
export function brokenAddresses(message: Addressed): FieldProblem[] {
  const { from, to, cc, bcc, replyTo } = message;
  const all = Object.entries({ to, cc, bcc, replyTo }).flatMap(([field, list]) =>
    list.map(({ address }, at) => ({ field, pointer: `/${field}/${String(at)}/address`, address })),
  );
  return [{ field: 'from', pointer: '/from/address', address: from.address }, ...all]
    .filter(({ field, address }) => !isAddress(address) || (field === 'replyTo' && !isAscii(address)))
    .map(({ pointer }) => ({ pointer, label: 'common.fields.address.label', rule: 'pattern' }));
}

/** The server is told of an international address (RFC 6531) where it is a recipient's; another one it would not expect. */
function isAscii(address: string): boolean {
  return Buffer.byteLength(asciiAddress(address)) === asciiAddress(address).length;
}

/** Texts with half a character: there are no bytes for it, and a question mark in its place is another text. */
export function brokenTexts(value: unknown, pointer = ''): FieldProblem[] {
  if (typeof value === 'string') {
    if (value.isWellFormed()) return [];
    const field = pointer.split('/')[1] ?? '';
    return [{ pointer, label: `activities.send-email.request.${field}.label`, rule: 'pattern' }];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, one]) =>
    brokenTexts(one, `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`),
  );
}

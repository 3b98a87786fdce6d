/**
 * Renders ENVELOPE (RFC 3501 section 7.4.2) from a message's header.
 */
import type { Address } from '../mime/addresses.js';
import { parseAddresses } from '../mime/addresses.js';
import { fieldValue } from '../mime/header.js';
import type { MimePart } from '../mime/structure.js';
import { renderNString } from './wire.js';

export function renderEnvelope(source: Buffer, part: MimePart): string {
  const read = (name: string): string | undefined => fieldValue(source, part.fields, name);
  const from = renderAddresses(read('from'));
  // Sender and Reply-To default to From, so that no client has to know.
  const orFrom = (name: string): string => {
    const rendered = renderAddresses(read(name));
    return rendered === 'NIL' ? from : rendered;
  };
  const items = [
    renderNString(read('date')),
    renderNString(read('subject')),
    from,
    orFrom('sender'),
    orFrom('reply-to'),
    renderAddresses(read('to')),
    renderAddresses(read('cc')),
    renderAddresses(read('bcc')),
    renderNString(read('in-reply-to')),
    renderNString(read('message-id')),
  ];
  return `(${items.join(' ')})`;
}

function renderAddresses(value: string | undefined): string {
  const addresses = value === undefined ? [] : parseAddresses(value);
  return addresses.length === 0 ? 'NIL' : `(${addresses.map(renderAddress).join('')})`;
}

function renderAddress(address: Address): string {
  switch (address.kind) {
    case 'group-start':
      return `(NIL NIL ${renderNString(address.name)} NIL)`;
    case 'group-end':
      return '(NIL NIL NIL NIL)';
    case 'mailbox':
      return `(${renderNString(address.name)} NIL ${renderNString(address.local)} ${renderNString(address.host)})`;
  }
}

/**
 * Renders BODY and BODYSTRUCTURE (RFC 3501 section 7.4.2) from a message's parts.
 */
import { fieldValue } from '../mime/header.js';
import { parseStructuredValue } from '../mime/parameters.js';
import type { MimePart } from '../mime/structure.js';
import { renderEnvelope } from './envelope.js';
import { renderNString } from './wire.js';

export function renderBodyStructure(source: Buffer, part: MimePart, isExtended: boolean): string {
  const [type = 'text', subtype = 'plain'] = part.contentType.value.split('/', 2);
  const extension = isExtended ? ` ${renderExtension(source, part)}` : '';
  if (part.children.length > 0) {
    const children = part.children.map((child) => renderBodyStructure(source, child, isExtended)).join('');
    const parameters = isExtended ? ` ${renderParameters(part.contentType.parameters)}` : '';
    return `(${children} ${renderNString(subtype)}${parameters}${extension})`;
  }
  const read = (name: string): string | undefined => fieldValue(source, part.fields, name);
  const items = [
    renderNString(type),
    renderNString(subtype),
    renderParameters(part.contentType.parameters),
    renderNString(read('content-id')),
    renderNString(read('content-description')),
    renderNString(part.encoding),
    `${part.end - part.bodyStart}`,
  ];
  if (part.message !== undefined) {
    items.push(renderEnvelope(source, part.message), renderBodyStructure(source, part.message, isExtended));
  }
  if (part.message !== undefined || type === 'text')
    items.push(`${countLines(source, part.bodyStart, part.end)}`);
  const md5 = isExtended ? ` ${renderNString(read('content-md5'))}` : '';
  return `(${items.join(' ')}${md5}${extension})`;
}

/** Disposition, language, location: what a multipart has after its parameters and a part after its MD5. */
function renderExtension(source: Buffer, part: MimePart): string {
  const disposition = fieldValue(source, part.fields, 'content-disposition');
  const language = fieldValue(source, part.fields, 'content-language');
  const location = fieldValue(source, part.fields, 'content-location');
  let rendered = 'NIL';
  if (disposition !== undefined) {
    const { value, parameters } = parseStructuredValue(disposition);
    rendered = `(${renderNString(value)} ${renderParameters(parameters)})`;
  }
  return `${rendered} ${renderNString(language)} ${renderNString(location)}`;
}

function renderParameters(parameters: ReadonlyMap<string, string>): string {
  if (parameters.size === 0) return 'NIL';
  return `(${[...parameters].map(([name, value]) => `${renderNString(name)} ${renderNString(value)}`).join(' ')})`;
}

function countLines(source: Buffer, start: number, end: number): number {
  let lines = 0;
  for (let at = source.indexOf(0x0a, start); at !== -1 && at < end; at = source.indexOf(0x0a, at + 1))
    lines++;
  return lines;
}

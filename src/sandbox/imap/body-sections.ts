/**
 * Finds the bytes of a body section (RFC 3501 section 6.4.5) in a message. Slices, never copies whole bodies.
 */
import type { MimePart } from '../mime/structure.js';
import type { Section } from './fetch-items.js';

/** Undefined when the message has no such part, or the part no such section: the answer is NIL. */
export function findSection(source: Buffer, message: MimePart, section: Section): Buffer | undefined {
  const part = findPart(message, section.path);
  if (part === undefined) return undefined;
  const isMessage = section.path.length === 0;
  // HEADER and TEXT of a part mean the message inside it; a part that holds no message has neither.
  const inner = isMessage ? part : part.message;
  switch (section.text.kind) {
    case 'whole':
      return isMessage ? source : source.subarray(part.bodyStart, part.end);
    case 'mime':
      return source.subarray(part.start, part.bodyStart);
    case 'header':
      return inner && source.subarray(inner.start, inner.bodyStart);
    case 'text':
      return inner && source.subarray(inner.bodyStart, inner.end);
    case 'fields':
      return inner && pickFields(source, inner, section.text.names, section.text.isInverted);
  }
}

/** Part numbers run through multiparts and embedded messages; part 1 of a simple message is its body. */
function findPart(message: MimePart, path: readonly number[]): MimePart | undefined {
  let container = message;
  let part: MimePart = message;
  for (const [depth, number] of path.entries()) {
    if (depth > 0) container = part.message ?? part;
    if (container.children.length > 0) {
      const child = container.children[number - 1];
      if (child === undefined) return undefined;
      part = child;
    } else {
      // A part that is neither a multipart nor a message has nothing below it.
      if (number !== 1 || (depth > 0 && part.message === undefined)) return undefined;
      part = container;
    }
  }
  return part;
}

function pickFields(source: Buffer, part: MimePart, names: readonly string[], isInverted: boolean): Buffer {
  const picked = part.fields
    .filter(({ name }) => names.includes(name) !== isInverted)
    .map(({ start, end }) => source.subarray(start, end));
  return Buffer.concat([...picked, Buffer.from('\r\n')]);
}

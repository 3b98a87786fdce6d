/**
 * Which leaf is text that a person reads, and which is a file that came along. The definition is in docs/messages.md; this
 * file holds to it. Works with what a server tells of a leaf as with the leaf itself.
 */
import { rawField } from './headers.js';
import type { ParameterizedValue } from './parameters.js';
import type { PartHead } from './parser.js';

export interface LeafHead {
  /** Part number as IMAP counts; a uuencoded file within a text has the text's, a tilde and its number. */
  readonly path: string;
  readonly contentType: ParameterizedValue;
  readonly disposition: ParameterizedValue;
  readonly contentId: string | null;
  /** Media type of the multipart around it, undefined for the outermost. */
  readonly within: string | undefined;
}

export function leafHead(part: PartHead): LeafHead {
  const { path, contentType, disposition, within } = part;
  return {
    path,
    contentType,
    disposition,
    within,
    contentId: bareContentId(rawField(part.fields, 'content-id')),
  };
}

/** Without angle brackets. */
export function bareContentId(value: string | undefined): string | null {
  const id = value?.trim().replace(/^<|>$/gu, '').trim();
  return id === undefined || id === '' ? null : id;
}

/** The file name that a sender wrote, decoded. */
export function statedName({ disposition, contentType }: LeafHead): string | undefined {
  return disposition.parameters['filename'] ?? contentType.parameters['name'];
}

export function isShownInline({ disposition, contentId, contentType, within }: LeafHead): boolean {
  if (disposition.value === 'attachment') return false;
  if (disposition.value === 'inline') return true;
  // Pictures are also named by Content-Location (RFC 2557).
  return within === 'multipart/related' && (contentId !== null || contentType.value.startsWith('image/'));
}

/** The leaves of one message, to be asked in their order. */
export class BodyRules {
  /** Parts that hold a body somewhere below them: of any type, and of a type. */
  readonly #filled = new Set<string>();

  isBody(leaf: LeafHead): boolean {
    const type = leaf.contentType.value;
    if (type !== 'text/plain' && type !== 'text/html') return false;
    if (leaf.disposition.value === 'attachment') return false;
    // What is all of the message is shown, whatever it is called.
    if (statedName(leaf) !== undefined && leaf.within !== undefined) return false;
    const parent = leaf.path.split('.').slice(0, -1).join('.');
    // What follows the root of a related part belongs to it: a frame, a style sheet.
    if (leaf.within === 'multipart/related' && this.#filled.has(`* ${parent}`)) return false;
    // The same once more in other words.
    if (leaf.within === 'multipart/alternative' && this.#filled.has(`${type} ${parent}`)) return false;
    const ancestors = leaf.path.split('.');
    while (ancestors.length > 0) {
      ancestors.pop();
      const path = ancestors.join('.');
      this.#filled.add(`* ${path}`).add(`${type} ${path}`);
    }
    return true;
  }
}

/**
 * What a server's description of a message says about its attachments, by the same rules as the message itself is read by.
 * Must not: look at bodies.
 */
import type { LeafOutline } from '../reading.js';
import { decodedBounds, decodedSize, outlineHead } from './assemble.js';
import { BodyRules } from './body-rules.js';
import { attachmentHead, type AttachmentHead } from './message.js';

/** `size`: decoded bytes, worked out from what the server states; `least` and `most`: they are surely between these. */
export type AttachmentOutline = AttachmentHead & {
  readonly size: number;
  readonly least: number;
  readonly most: number;
};

function outlineOf(leaf: LeafOutline, rules: BodyRules): AttachmentOutline[] {
  const head = outlineHead(leaf);
  if (rules.isBody(head)) return [];
  return [{ ...attachmentHead(head, () => undefined), size: decodedSize(leaf), ...decodedBounds(leaf) }];
}

/** The attachments of a message. */
export function attachmentOutlines(leaves: readonly LeafOutline[]): AttachmentOutline[] {
  const rules = new BodyRules();
  return leaves.flatMap((leaf) => outlineOf(leaf, rules));
}

/** The attachment that a leaf is by itself; undefined for a text. */
export function attachmentOutline(leaf: LeafOutline): AttachmentOutline | undefined {
  return outlineOf(leaf, new BodyRules())[0];
}

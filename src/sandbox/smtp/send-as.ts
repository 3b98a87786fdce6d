/**
 * Who may send as whom: the rule behind SendAsDenied.
 */
import type { Directory } from '../directory/directory.js';
import type { Mailbox } from '../directory/entities.js';
import { normalize } from '../directory/new-entities.js';

/** `trustee` is the key under which permissions name the signed-in app or user. */
export function maySendAs(directory: Directory, acting: Mailbox, trustee: string, from: string): boolean {
  const target = directory.findMailbox(from);
  if (target === undefined) return false;
  if (target === acting) return true;
  const names = [
    trustee,
    normalize(acting.address),
    ...(acting.owner === undefined ? [] : [normalize(acting.owner)]),
  ];
  return names.some((name) => target.sendAs.has(name));
}

/**
 * What makes a message this one, so that it is sent once: the key that the host gave, and what follows from it. Owns:
 * Message-ID, and the digest that tells another content under the same key. Must not: remember anything.
 *
 * No key is made up from the content: two mails that are alike are two mails, and only the host knows better.
 */
import { createHash, randomUUID, type Hash } from 'node:crypto';
import { Failure } from '../../errors/index.js';
import { envelopeOf, type Identity } from './outgoing.js';
import type { EffectiveMessage } from './effective.js';

/** A record that is sent once, however often it is given. */
export interface Keyed {
  readonly activity: string;
  /** As the host gave it. */
  readonly key: string;
  /** Of everything that is sent. */
  readonly content: string;
}

const PIECE = 64 * 1024;

/** @throws Failure key-needs-activity: a key means something only beside what was sent before */
export function keyedOf(
  message: EffectiveMessage,
  key: string | undefined,
  activity: string | undefined,
): Keyed | undefined {
  if (key === undefined) return undefined;
  if (activity === undefined) throw new Failure('key-needs-activity');
  const hash = createHash('sha256');
  digestInto(hash, message);
  return { activity, key, content: hash.digest('base64url') };
}

/** @param keyed the same one always gets the same Message-ID; without one it is new every time */
export function identityOf(message: EffectiveMessage, keyed: Keyed | undefined, now: number): Identity {
  const domain = envelopeOf(message).from.split('@').at(-1) ?? 'localhost';
  const local = keyed === undefined ? randomUUID() : digestOf(keyed.activity, keyed.key);
  return { messageId: `<${local}@${domain}>`, date: new Date(now), holdsEnd: keyed !== undefined };
}

export function digestOf(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 40);
}

/** Fields in the order of their names; long text in pieces, for an attachment may be very long. */
function digestInto(hash: Hash, value: unknown): void {
  if (typeof value === 'string') {
    hash.update(`"${String(value.length)}:`);
    for (let at = 0; at < value.length; at += PIECE) hash.update(value.slice(at, at + PIECE), 'utf16le');
  } else if (Array.isArray(value)) {
    hash.update('[');
    for (const one of value) digestInto(hash, one);
    hash.update(']');
  } else if (typeof value === 'object' && value !== null) {
    hash.update('{');
    for (const [name, one] of Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (one === undefined) continue;
      digestInto(hash, name);
      digestInto(hash, one);
    }
    hash.update('}');
  } else hash.update(`${String(value)};`);
}

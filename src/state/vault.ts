/**
 * Sealing of what lies in the state: AES-256-GCM (NIST SP 800-38D) under a ring of keys. Owns: the format, and that a
 * sealed text opens only in the place it was sealed for. Must not: let a key or an opened text into a message.
 *
 * A sealed text is `v1.<key id>.<base64url of nonce, ciphertext and tag>`. Nonces are random, which is safe for the
 * 2^32 texts that SP 800-38D (8.3) allows per key: at one write a second, 136 years.
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { Failure } from '../errors/index.js';

export interface Vault {
  /** @param context where the text will lie (placeOf); the same is needed to open it */
  seal(text: string, context: string): string;
  /** @throws Failure state-key-wrong when no key of the ring opens it here */
  open(sealed: string, context: string): string;
  /** Sealed with another key than the current one: time to seal it anew (reseal.ts). */
  isOutdated(sealed: string): boolean;
}

const FORMAT = 'v1';
const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
export const KEY_BYTES = 32;

/** The context of an entry. Collections hold no slash, so that no two entries share one. */
export function placeOf(collection: string, key: string): string {
  return `${collection}/${key}`;
}

/** Tells keys apart without telling anything about them. */
function idOf(key: Buffer): string {
  return createHash('sha256').update('m365-email key id').update(key).digest('base64url').slice(0, 8);
}

function authenticated(id: string, context: string): Buffer {
  return Buffer.from(`${FORMAT}.${id}.${context}`);
}

function seal(id: string, key: Buffer, text: string, context: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(authenticated(id, context));
  const body = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return `${FORMAT}.${id}.${body.toString('base64url')}`;
}

function open(ring: ReadonlyMap<string, Buffer>, sealed: string, context: string): string {
  const [format, id = '', body = '', ...more] = sealed.split('.');
  const key = ring.get(id);
  const bytes = Buffer.from(body, 'base64url');
  if (format !== FORMAT || key === undefined || more.length > 0 || bytes.length < NONCE_BYTES + TAG_BYTES) {
    throw new Failure('state-key-wrong');
  }
  // A length of its own for the tag: Node otherwise takes one of four bytes, which can be guessed.
  const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(authenticated(id, context));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  const opened = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
  try {
    return Buffer.concat([opened, decipher.final()]).toString('utf8');
  } catch (cause) {
    throw new Failure('state-key-wrong', { cause });
  }
}

/**
 * @param keys of 32 bytes: the first seals, all open
 * @throws Failure state-key-missing without a key, state-key-wrong for one of another length
 */
export function openVault(keys: readonly Buffer[]): Vault {
  if (keys.some((key) => key.length !== KEY_BYTES)) throw new Failure('state-key-wrong');
  const ring = new Map(keys.map((key) => [idOf(key), Buffer.from(key)]));
  const [current] = ring;
  if (current === undefined) throw new Failure('state-key-missing');
  const [currentId, currentKey] = current;
  // Closures, not fields: whatever prints a vault prints no key.
  return {
    seal: (text, context) => seal(currentId, currentKey, text, context),
    open: (sealed, context) => open(ring, sealed, context),
    isOutdated: (sealed) => sealed.split('.')[1] !== currentId,
  };
}

/** A vault whose key ends with the process: for state that does so, too. */
export function randomVault(): Vault {
  return openVault([randomBytes(KEY_BYTES)]);
}

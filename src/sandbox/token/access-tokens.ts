/**
 * Access tokens as bearer strings: signed JSON Web Tokens for work accounts, opaque ones (they begin with EwB) for
 * personal accounts, whose contents nobody but the issuer can read. What claims allow is judged elsewhere.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { TokenClaims } from './claims.js';
import type { SigningKey } from './signing-key.js';

const OPAQUE_PREFIX = 'EwB';
const IV_BYTES = 12;
const TAG_BYTES = 16;

export class AccessTokens {
  readonly #signingKey: SigningKey;
  readonly #secretKey: Buffer;

  constructor(signingKey: SigningKey) {
    this.#signingKey = signingKey;
    // Derived, so that opaque tokens outlive a restart exactly as signed ones do.
    this.#secretKey = Buffer.from(hkdfSync('sha256', signingKey.pem, '', 'opaque access tokens', 32));
  }

  issue(claims: TokenClaims, isOpaque: boolean): string {
    return isOpaque ? this.#encrypt(claims) : this.#signingKey.issue(claims);
  }

  /** The claims of a token issued here, expired or not; undefined for anything else. */
  verify(token: string): TokenClaims | undefined {
    return token.startsWith(OPAQUE_PREFIX) ? this.#decrypt(token) : this.#signingKey.verify(token);
  }

  #encrypt(claims: TokenClaims): string {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#secretKey, iv);
    const sealed = Buffer.concat([cipher.update(JSON.stringify(claims), 'utf8'), cipher.final()]);
    return OPAQUE_PREFIX + Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64');
  }

  #decrypt(token: string): TokenClaims | undefined {
    const bytes = Buffer.from(token.slice(OPAQUE_PREFIX.length), 'base64');
    if (bytes.length < IV_BYTES + TAG_BYTES) return undefined;
    const decipher = createDecipheriv('aes-256-gcm', this.#secretKey, bytes.subarray(0, IV_BYTES));
    decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
    try {
      const sealed = bytes.subarray(IV_BYTES + TAG_BYTES);
      const text = Buffer.concat([decipher.update(sealed), decipher.final()]).toString('utf8');
      return JSON.parse(text) as TokenClaims;
    } catch {
      return undefined; // Not sealed with this key.
    }
  }
}

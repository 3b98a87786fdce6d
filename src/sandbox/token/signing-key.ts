/**
 * The tenant's token-signing key: RS256 JSON Web Tokens made and verified with node:crypto.
 * Verifies signatures only; what a token's claims allow is judged elsewhere.
 */
import { createHash, createPrivateKey, createPublicKey, generateKeyPair, sign, verify } from 'node:crypto';
import type { JsonWebKey, KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import type { TokenClaims } from './claims.js';
import { decodeObject } from './json-web-token.js';

export class SigningKey {
  /** PEM (PKCS #8), so that tokens outlive a restart of a sandbox that keeps its data. */
  readonly pem: string;
  readonly #privateKey: KeyObject;
  readonly #publicKey: KeyObject;
  readonly #keyId: string;

  private constructor(privateKey: KeyObject) {
    this.#privateKey = privateKey;
    this.#publicKey = createPublicKey(privateKey);
    this.pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const spki = this.#publicKey.export({ type: 'spki', format: 'der' });
    this.#keyId = createHash('sha1').update(spki).digest('base64url');
  }

  static async generate(): Promise<SigningKey> {
    const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
    return new SigningKey(privateKey);
  }

  static fromPem(pem: string): SigningKey {
    return new SigningKey(createPrivateKey(pem));
  }

  /** The public half as the /keys endpoint publishes it. */
  get jwk(): JsonWebKey {
    const key = this.#publicKey.export({ format: 'jwk' });
    return { ...key, use: 'sig', alg: 'RS256', kid: this.#keyId, x5t: this.#keyId };
  }

  issue(claims: object): string {
    const header = { typ: 'JWT', alg: 'RS256', kid: this.#keyId, x5t: this.#keyId };
    const signed = `${encodeJson(header)}.${encodeJson(claims)}`;
    return `${signed}.${sign('sha256', Buffer.from(signed), this.#privateKey).toString('base64url')}`;
  }

  /** The claims of an access token this key signed, or undefined for anything else. */
  verify(token: string): TokenClaims | undefined {
    const [header, payload, signature, ...rest] = token.split('.');
    if (header === undefined || payload === undefined || signature === undefined || rest.length > 0)
      return undefined;
    if (decodeObject(header)?.['alg'] !== 'RS256') return undefined;
    const signed = Buffer.from(`${header}.${payload}`);
    if (!verify('sha256', signed, this.#publicKey, Buffer.from(signature, 'base64url'))) return undefined;
    const claims = decodeObject(payload) as Partial<TokenClaims> | undefined;
    // An id token is signed by the same key, yet is no access token.
    return claims?.ver === '1.0' ? (claims as TokenClaims) : undefined;
  }
}

function encodeJson(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

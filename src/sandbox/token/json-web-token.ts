/**
 * Takes a signed JSON Web Token of somebody else apart and checks its signature (RFC 7519, RFC 7518).
 */
import { constants, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

export interface ForeignToken {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly signed: Buffer;
  readonly signature: Buffer;
}

/** Undefined when it is none. */
export function parseForeignToken(token: string): ForeignToken | undefined {
  const [header, claims, signature, ...rest] = token.split('.');
  if (header === undefined || claims === undefined || signature === undefined || rest.length > 0) {
    return undefined;
  }
  const parsedHeader = decodeObject(header);
  const parsedClaims = decodeObject(claims);
  if (parsedHeader === undefined || parsedClaims === undefined) return undefined;
  return {
    header: parsedHeader,
    claims: parsedClaims,
    signed: Buffer.from(`${header}.${claims}`),
    signature: Buffer.from(signature, 'base64url'),
  };
}

/** RS256, PS256 and ES256; everything else, `none` above all, is no signature. */
export function isSignedBy({ header, signed, signature }: ForeignToken, publicKey: KeyObject): boolean {
  const isRsa = publicKey.asymmetricKeyType === 'rsa';
  switch (header['alg']) {
    case 'RS256':
      return isRsa && verify('sha256', signed, publicKey, signature);
    case 'PS256':
      return (
        isRsa &&
        verify(
          'sha256',
          signed,
          {
            key: publicKey,
            padding: constants.RSA_PKCS1_PSS_PADDING,
            saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
          },
          signature,
        )
      );
    case 'ES256':
      return (
        publicKey.asymmetricKeyType === 'ec' &&
        verify('sha256', signed, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature)
      );
    default:
      return false;
  }
}

export function decodeObject(part: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    return value as Readonly<Record<string, unknown>>;
  } catch {
    return undefined;
  }
}

/**
 * Blanks out what looks like a credential in text that came from elsewhere.
 * A second net: the first is that no secret is put into a text at all.
 */

/** JSON Web Tokens (RFC 7519), in clear or as the tail of a longer word. */
const JWT = /eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?/gu;
/** `Bearer …`, as in an Authorization header or a SASL XOAUTH2 blob. */
// eslint-disable-next-line no-control-regex -- U+0001 ends a field of the SASL blob
const BEARER = /\bBearer\s+[^\s\u0001"',]+/giu;
/** A run of base64 too long for an id: opaque tokens (EwB…) and base64 SASL blobs. A GUID or a hash is shorter. */
const LONG_BASE64 = /[\w+/-]{88,}={0,2}/gu;

/** The text with anything that looks like a token replaced by `[redacted]`. */
export function redact(text: string): string {
  return text
    .replace(BEARER, 'Bearer [redacted]')
    .replace(JWT, '[redacted]')
    .replace(LONG_BASE64, '[redacted]');
}

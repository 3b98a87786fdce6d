/**
 * Turns an HTTP request into what the token endpoint works on.
 */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { TokenRequest } from './token-request.js';

const MAX_BODY_BYTES = 256 * 1024;

/** The form in the body; undefined when it is too large. */
export async function readForm(request: IncomingMessage): Promise<URLSearchParams | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
}

export function readTokenRequest(
  tenantSegment: string,
  parameters: URLSearchParams,
  headers: IncomingHttpHeaders,
): TokenRequest {
  return {
    tenantSegment,
    parameters,
    basic: parseBasic(headers.authorization),
    isCrossOrigin: headers.origin !== undefined,
  };
}

function parseBasic(header: string | undefined): TokenRequest['basic'] {
  const encoded = /^Basic +(?<blob>[\w+/=-]+)$/iu.exec(header ?? '')?.groups?.blob;
  if (encoded === undefined) return undefined;
  const pair = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  if (colon === -1) return undefined;
  // RFC 6749 section 2.3.1: both halves are form-encoded first.
  return {
    clientId: decodeSegment(pair.slice(0, colon)),
    clientSecret: decodeSegment(pair.slice(colon + 1), false),
  };
}

export function decodeSegment(segment: string, lowerCase = true): string {
  let decoded = segment;
  try {
    decoded = decodeURIComponent(segment.replace(/\+/gu, ' '));
  } catch {
    // Not percent-encoded after all: taken as it stands.
  }
  return lowerCase ? decoded.toLowerCase() : decoded;
}

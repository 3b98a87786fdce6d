/**
 * Who may talk to the server, and what its pages may do. Owns: the checks before any route, and the answer headers.
 *
 * A server on loopback is reachable by every page the designer has open. Three doors are shut: another name that
 * resolves to 127.0.0.1 (DNS rebinding: Host), a request made by another page (Origin, Sec-Fetch-Site), and a form that
 * posts without asking first (Content-Type: a page of another origin cannot send JSON without a preflight).
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** Why a request is turned away. */
export interface Refusal {
  readonly status: 401 | 403 | 415;
  readonly error: 'no-token' | 'other-host' | 'other-origin' | 'not-json';
}

export interface Gate {
  /** Origins under which the server may be addressed; asked at every request, as the port is known only then. */
  readonly origins: () => readonly string[];
  /** What an API call has to bring; undefined on loopback. */
  readonly apiToken?: string | undefined;
}

function sameSecret(given: string, wanted: string): boolean {
  // Hashes have one length, so that the comparison tells nothing about the token's.
  const [one, other] = [given, wanted].map((text) => createHash('sha256').update(text).digest());
  return one !== undefined && other !== undefined && timingSafeEqual(one, other);
}

/** The check before any route: the refusal that a request deserves, or undefined when it may pass. */
export function createGate({
  origins,
  apiToken,
}: Gate): (method: string, url: string, headers: IncomingHttpHeaders) => Refusal | undefined {
  return (method, url, headers) => {
    const allowed = origins();
    const hosts = allowed.map((origin) => new URL(origin).host);
    if (!hosts.includes(headers.host?.toLowerCase() ?? '')) return { status: 403, error: 'other-host' };
    const { origin } = headers;
    if (origin !== undefined && !allowed.includes(origin)) return { status: 403, error: 'other-origin' };
    const site = headers['sec-fetch-site'];
    // none: the address was typed; same-origin: the page itself.
    if (site !== undefined && site !== 'same-origin' && site !== 'none') {
      // A link from elsewhere may open the page; nothing else may be asked for from there.
      if (method !== 'GET' || headers['sec-fetch-mode'] !== 'navigate') {
        return { status: 403, error: 'other-origin' };
      }
    }
    if (method === 'POST') {
      const type = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
      if (type !== 'application/json') return { status: 415, error: 'not-json' };
    }
    if (apiToken !== undefined && url.startsWith('/api/')) {
      const given = /^Bearer (.+)$/u.exec(headers.authorization ?? '')?.[1] ?? '';
      if (!sameSecret(given, apiToken)) return { status: 401, error: 'no-token' };
    }
    return undefined;
  };
}

/** A nonce for one page load. */
export function createNonce(): string {
  return randomBytes(18).toString('base64');
}

/** Headers of every answer; a page brings the nonce that its style elements carry. */
export function securityHeaders(nonce?: string): Record<string, string> {
  const style = nonce === undefined ? "'self'" : `'self' 'nonce-${nonce}'`;
  return {
    'Content-Security-Policy': [
      "default-src 'none'",
      "script-src 'self'",
      `style-src ${style}`,
      "img-src 'self' data:",
      "font-src 'self'",
      "connect-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Referrer-Policy': 'no-referrer',
    'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Embedder-Policy': 'require-corp',
    'Cross-Origin-Resource-Policy': 'same-origin',
  };
}

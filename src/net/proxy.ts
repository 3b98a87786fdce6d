/**
 * Which proxy leads to a host, by the operator's policy or by the environment. Owns: reading proxy URLs and lists
 * of exceptions. Must not: connect, or let a proxy's password into any text.
 */
import { Failure } from '../errors/index.js';

export interface ProxyPolicy {
  /** `http://[user:password@]host:port`, or `https://…` for a proxy that is itself reached over TLS. */
  readonly url: string;
  /** Hosts reached directly: a name stands for itself and everything below it. */
  readonly bypass?: readonly string[];
}

/** A proxy on the way to a host. */
export interface Proxy {
  readonly host: string;
  readonly port: number;
  /** The proxy itself is reached over TLS, and its certificate must be valid for its name. */
  readonly secure: boolean;
  /** Value of Proxy-Authorization (RFC 7617). Secret. */
  readonly authorization: string | undefined;
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a password with a bare "%", written as it is
  }
}

export function isProxyUrl(text: unknown): text is string {
  if (typeof text !== 'string' || !URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return DEFAULT_PORTS[protocol] !== undefined && hostname !== '';
}

// An error of `new URL` holds the whole text, password included: it is never passed on as a cause.
function parsed(text: string): URL {
  if (isProxyUrl(text)) return new URL(text);
  throw new Failure('network-policy-invalid', {
    problems: [{ pointer: '/proxy/url', label: 'networkPolicy.url.label', rule: 'shape' }],
  });
}

function covers(suffix: string, host: string): boolean {
  const name = suffix
    .trim()
    .toLowerCase()
    .replace(/^\*?\./u, '');
  const wanted = host.toLowerCase();
  return name === '*' || (name !== '' && (wanted === name || wanted.endsWith(`.${name}`)));
}

/** The proxy to use for a host, or undefined when it is reached directly. @throws Failure network-policy-invalid */
export function proxyFor(policy: ProxyPolicy | undefined, host: string): Proxy | undefined {
  if (policy === undefined) return undefined;
  const url = parsed(policy.url);
  if ((policy.bypass ?? []).some((suffix) => covers(suffix, host))) return undefined;
  const { username, password } = url;
  const credentials = Buffer.from(`${decoded(username)}:${decoded(password)}`, 'utf8').toString('base64');
  return {
    host: url.hostname.replace(/^\[|\]$/gu, ''),
    port: url.port === '' ? (DEFAULT_PORTS[url.protocol] ?? 0) : Number(url.port),
    secure: url.protocol === 'https:',
    authorization: username === '' && password === '' ? undefined : `Basic ${credentials}`,
  };
}

/** "host:port" of a proxy, as texts name it. */
export function proxyName({ host, port }: Proxy): string {
  return host.includes(':') ? `[${host}]:${String(port)}` : `${host}:${String(port)}`;
}

/**
 * The proxy that HTTPS_PROXY and NO_PROXY name, in either case of letters, the lower one first as curl does. Used
 * only where an operator asks for it: a stray variable must not lead tokens through a stranger.
 * @throws Failure network-policy-invalid
 */
export function proxyFromEnvironment(
  env: Readonly<Record<string, string | undefined>>,
): ProxyPolicy | undefined {
  const named = env['https_proxy'] ?? env['HTTPS_PROXY'] ?? '';
  if (named === '') return undefined;
  // "proxy:3128" without a scheme is common there.
  const url = named.includes('://') ? named : `http://${named}`;
  parsed(url);
  const exceptions = (env['no_proxy'] ?? env['NO_PROXY'] ?? '').split(/[\s,]+/u).filter(Boolean);
  return { url, ...(exceptions.length === 0 ? {} : { bypass: exceptions }) };
}

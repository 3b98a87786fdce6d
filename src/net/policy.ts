/**
 * The operator's network policy: which roots are trusted, how long to wait, and where a host name leads.
 * Owns: turning a Microsoft host and port into a route. Must not: know a protocol, or weaken TLS.
 *
 * Host names come from the cloud table and never from connection data; a policy can lead a name elsewhere
 * (a test tenant, a relay), yet the certificate must still be valid for the original name, through a proxy as well.
 */
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';
import type { Tap } from './transcript/entry.js';
import { proxyFor, type Proxy, type ProxyPolicy } from './proxy.js';

export interface NetPolicy {
  /** "host:port" as Microsoft names it → "host:port" to connect to. TLS still verifies the original name. */
  readonly hosts?: Readonly<Record<string, string>>;
  /** PEM certificates to trust beside the roots that Node ships. */
  readonly trustedRoots?: readonly string[];
  /** The HTTP proxy that every connection goes through, sign-in and mail alike. */
  readonly proxy?: ProxyPolicy;
  /** Is given every dialogue with a server, without secrets, content and names (docs/network.md). */
  readonly tap?: Tap;
  /** Longest wait for a connection including TLS, in milliseconds. Default 20,000. */
  readonly connectTimeoutMs?: number;
  /** Longest silence of a connected server, in milliseconds. Default 60,000. */
  readonly idleTimeoutMs?: number;
}

/** Where to connect, and the name that the server's certificate must be valid for. */
export interface Route {
  readonly host: string;
  readonly port: number;
  readonly serverName: string;
  readonly secureContext: SecureContext;
  readonly proxy: Proxy | undefined;
  readonly tap: Tap | undefined;
  readonly connectTimeoutMs: number;
  readonly idleTimeoutMs: number;
}

const CONNECT_TIMEOUT_MS = 20_000;
const IDLE_TIMEOUT_MS = 60_000;

// Parsing some 150 root certificates costs more than the rest of a connection: once per policy is enough.
const contexts = new WeakMap<NetPolicy, SecureContext>();

function secureContextOf(policy: NetPolicy): SecureContext {
  let context = contexts.get(policy);
  if (context === undefined) {
    const roots = policy.trustedRoots ?? [];
    context = createSecureContext({
      minVersion: 'TLSv1.2',
      ...(roots.length === 0 ? {} : { ca: [...rootCertificates, ...roots] }),
    });
    contexts.set(policy, context);
  }
  return context;
}

function splitTarget(target: string): { host: string; port: number } {
  const colon = target.lastIndexOf(':');
  return { host: target.slice(0, colon).replace(/^\[|\]$/gu, ''), port: Number(target.slice(colon + 1)) };
}

const attached = new WeakMap<NetPolicy, Tap>();

/** Gives a policy that is already in use a tap; one of its own comes first. */
export function attachTap(policy: NetPolicy, tap: Tap): void {
  attached.set(policy, tap);
}

/** The way to a host under this policy. @throws Failure network-policy-invalid for a proxy that cannot be one */
export function routeTo(policy: NetPolicy, host: string, port: number): Route {
  const mapped = policy.hosts?.[`${host}:${String(port)}`];
  const target = mapped === undefined ? { host, port } : splitTarget(mapped);
  return {
    ...target,
    serverName: host,
    // Exceptions are about the host that is connected to, not about the name it answers to.
    proxy: proxyFor(policy.proxy, target.host),
    tap: policy.tap ?? attached.get(policy),
    secureContext: secureContextOf(policy),
    connectTimeoutMs: policy.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    idleTimeoutMs: policy.idleTimeoutMs ?? IDLE_TIMEOUT_MS,
  };
}

/**
 * The same address for a user's browser: a policy that leads Microsoft's name elsewhere (to a sandbox) has to lead the
 * browser there, too, which knows no policy.
 */
export function browserUrl({ hosts }: Pick<NetPolicy, 'hosts'>, address: string): string {
  const url = new URL(address);
  const mapped = hosts?.[`${url.hostname}:${url.port === '' ? '443' : url.port}`];
  if (mapped !== undefined) url.host = mapped;
  return url.href;
}

/**
 * Translates what Node's DNS, TCP and TLS layers report into failures. Decides by error code alone.
 */
import { Failure } from '../errors/index.js';
import type { FailureCode } from '../errors/index.js';

const CODES: Readonly<Record<string, FailureCode>> = {
  ENOTFOUND: 'host-not-found',
  EAI_AGAIN: 'host-not-found',
  EAI_FAIL: 'host-not-found',
  ECONNREFUSED: 'host-refused',
  EHOSTUNREACH: 'host-refused',
  ENETUNREACH: 'host-refused',
  EACCES: 'host-refused',
  ETIMEDOUT: 'host-timed-out',
  ESOCKETTIMEDOUT: 'host-timed-out',
  ECONNRESET: 'connection-lost',
  ECONNABORTED: 'connection-lost',
  EPIPE: 'connection-lost',
};

/** OpenSSL verification results and Node's own TLS checks all mean: this is not provably the server. */
const CERTIFICATE =
  /^(?:CERT_|ERR_TLS_CERT|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|CRL_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE)/u;

function* chain(error: unknown): Generator<{ code?: unknown; message?: unknown }> {
  let current = error;
  for (let depth = 0; depth < 8 && typeof current === 'object' && current !== null; depth += 1) {
    yield current;
    // Node tries every address of a name at once and reports all of them; the first is as good as any.
    current =
      current instanceof AggregateError
        ? (current.errors[0] as unknown)
        : (current as { cause?: unknown }).cause;
  }
}

/** The failure for a network error, or undefined when the error is not one of the network. */
export function networkFailure(error: unknown, host: string, port: number): Failure | undefined {
  for (const { code, message } of chain(error)) {
    if (typeof code !== 'string') continue;
    const known = CERTIFICATE.test(code) ? 'certificate-not-trusted' : CODES[code];
    if (known === undefined) continue;
    const serverText = typeof message === 'string' ? message : code;
    return new Failure(known, { parameters: { host, port }, serverText, cause: error });
  }
  return undefined;
}

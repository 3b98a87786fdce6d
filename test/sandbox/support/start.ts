/**
 * Starts sandboxes that share one set of keys: looking for RSA primes would otherwise be most of a test's time.
 */
import type { Sandbox, SandboxOptions } from '../../../src/sandbox/index.js';
import { startWithIdentity } from '../../../src/sandbox/start.js';
import type { TenantIdentity } from '../../../src/sandbox/tls/tenant-identity.js';
import { openTenantIdentity } from '../../../src/sandbox/tls/tenant-identity.js';

let identity: Promise<TenantIdentity> | undefined;

export function startQuickly(options: SandboxOptions = {}): Promise<Sandbox> {
  identity ??= openTenantIdentity(undefined);
  return startWithIdentity(identity, options);
}

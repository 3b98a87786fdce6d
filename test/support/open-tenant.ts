/**
 * Picks who plays the tenant of an activity test: the embedded sandbox, or - under `npm run test:live` - real servers.
 * Each is loaded only when chosen, so that either works without the other.
 */
import type { TestTenant } from './tenant.js';

/** How the tenant takes mail. Real servers have no Microsoft Graph. */
export const SEND_TRANSPORTS: readonly ('smtp' | 'graph')[] =
  process.env['M365_EMAIL_TENANT'] === 'live' ? ['smtp'] : ['smtp', 'graph'];

export async function openTenant(): Promise<TestTenant> {
  if (process.env['M365_EMAIL_TENANT'] === 'live') {
    const { openLiveTenant } = await import('./live-tenant.js');
    return openLiveTenant();
  }
  const { openSandboxTenant } = await import('./sandbox-tenant.js');
  return openSandboxTenant();
}

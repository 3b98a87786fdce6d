/**
 * OAuth 2.0 device authorization (RFC 8628): the user enters a short code on any device. Must not: keep tokens.
 */
import type { DeviceCodeRequest } from '@azure/msal-node';
import type { AccessToken, GrantRequest } from './grant.js';
import { acquire, claimsOf } from './msal.js';

export interface DeviceCode {
  /** What the user types. */
  readonly userCode: string;
  /** Where the user types it; as Microsoft says, never assumed. */
  readonly verificationUri: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/**
 * Shows a code and waits for the user.
 * @throws Failure device-code-expired and the other sign-in codes; the signal's reason when cancelled
 */
export async function acquireByDeviceCode(
  request: GrantRequest,
  show: (code: DeviceCode) => void,
  signal?: AbortSignal,
): Promise<AccessToken> {
  signal?.throwIfAborted();
  const details: DeviceCodeRequest = {
    scopes: [...request.scopes],
    ...claimsOf(request),
    deviceCodeCallback: ({ userCode, verificationUri, expiresIn }) => {
      show({ userCode, verificationUri, expiresAt: Date.now() + expiresIn * 1000 });
    },
  };
  // MSAL looks at this flag before each poll.
  const cancel = (): void => {
    details.cancel = true;
  };
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    return await acquire(request, async (configuration) => {
      const { PublicClientApplication } = await import('@azure/msal-node');
      const application = new PublicClientApplication(configuration);
      return { result: await application.acquireTokenByDeviceCode(details), application };
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', cancel);
  }
}

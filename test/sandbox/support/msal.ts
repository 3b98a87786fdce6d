/**
 * Unmodified MSAL in front of the sandbox: only its HTTP layer is replaced, to reach 127.0.0.1 under Microsoft's names.
 */
import type { INetworkModule, NetworkRequestOptions, NetworkResponse } from '@azure/msal-node';
import { ConfidentialClientApplication, PublicClientApplication } from '@azure/msal-node';
import type { Sandbox } from '../../../src/sandbox/index.js';
import { callLogin } from './clients.js';

export function networkClient(sandbox: Sandbox): INetworkModule {
  const call = async <T>(url: string, options?: NetworkRequestOptions): Promise<NetworkResponse<T>> => {
    const { pathname, search } = new URL(url);
    const form =
      options?.body === undefined ? undefined : Object.fromEntries(new URLSearchParams(options.body));
    const { status, json } = await callLogin(sandbox, pathname + search, form);
    return { status, headers: {}, body: json as T };
  };
  return { sendGetRequestAsync: call, sendPostRequestAsync: call };
}

export function authority(tenant: string): string {
  return `https://login.microsoftonline.com/${tenant}`;
}

export function publicClient(
  sandbox: Sandbox,
  clientId: string,
  tenant = sandbox.tenantId,
): PublicClientApplication {
  return new PublicClientApplication({
    auth: { clientId, authority: authority(tenant) },
    system: { networkClient: networkClient(sandbox) },
  });
}

export function confidentialClient(
  sandbox: Sandbox,
  auth: ConstructorParameters<typeof ConfidentialClientApplication>[0]['auth'],
  tenant = sandbox.tenantId,
): ConfidentialClientApplication {
  return new ConfidentialClientApplication({
    auth: { authority: authority(tenant), ...auth },
    system: { networkClient: networkClient(sandbox) },
  });
}

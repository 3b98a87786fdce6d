/** Requests that the tests of the fix-kit have in common. */
import type { Method, SetupRequest, Transport } from '../../../src/admin/index.js';

export const CLIENT_ID = '11111111-2222-3333-4444-555555555555';
export const APP_METHODS: readonly Method[] = ['client-secret', 'certificate', 'federated-credential'];
export const USER_METHODS: readonly Method[] = ['sign-in', 'device-code', 'password'];
export const ALL_METHODS: readonly Method[] = [...APP_METHODS, ...USER_METHODS];

/** Names that try to leave the place where they belong. */
export const HOSTILE_NAMES = [
  "O'Brien",
  '"; touch pwned; "',
  '$(id) `id` ${HOME} %s \\',
  "'; exit 1; #",
  '’; Get-Mailbox; ‘ ‚x‛',
  '</script><img src=x onerror=alert(1)>',
  'END_OF_POWERSHELL',
  '--help',
];

export function request(
  method: Method,
  transports: readonly Transport[] = ['imap', 'smtp'],
  more: Partial<SetupRequest> & { readonly appName?: string; readonly mailbox?: string } = {},
): SetupRequest {
  const { appName = 'Mail robot', mailbox = 'orders@contoso.com', ...rest } = more;
  return {
    settings: { tenant: 'contoso.com', mailbox, appName, authentication: { method, clientId: CLIENT_ID } },
    transports,
    language: 'en',
    ...rest,
  };
}

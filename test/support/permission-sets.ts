/**
 * What the setup pages of four other products tell an administrator to register, exactly as they say it: permissions
 * and Exchange commands. Owns: reading test/fixtures/seeds/. Must not: judge them; `surplusOf` does.
 */
import { readFileSync } from 'node:fs';

export type SeedId = 'jitterbit' | 'cevisio' | 'concept-office' | 'inet-helpdesk-user' | 'inet-helpdesk-app';

export interface SeedPermission {
  readonly resource: 'exchange' | 'graph';
  readonly kind: 'application' | 'delegated';
  readonly permission: string;
}

export interface PermissionSet {
  readonly id: SeedId;
  readonly product: string;
  /** Title of the page that gives the instructions. */
  readonly source: string;
  readonly identity: 'app' | 'user';
  /** OAuth 2.0 grant type that the product uses. */
  readonly grant: 'password' | 'client_credentials' | 'authorization_code';
  readonly permissions: readonly SeedPermission[];
  /** Scopes of the token request that the page shows; for an app the only one there is. */
  readonly scopes: readonly string[];
  readonly redirectUris: readonly { readonly type: 'web' | 'publicClient'; readonly uri: string }[];
  /** Whether the page allows public client flows. */
  readonly publicClient: boolean;
  /** PowerShell commands of the page, placeholders in English. */
  readonly commands: readonly string[];
  readonly exchange: {
    /** Whether the page registers the app's service principal in Exchange Online. */
    readonly servicePrincipal: boolean;
    /** Whose mailbox the page grants FullAccess on. */
    readonly fullAccessOn: 'mailbox' | 'administrator' | 'nobody';
    readonly smtpAuth: 'untouched' | 'mailbox-or-organisation' | 'organisation';
  };
}

const IDS: readonly SeedId[] = [
  'jitterbit',
  'cevisio',
  'concept-office',
  'inet-helpdesk-user',
  'inet-helpdesk-app',
];

function read(id: SeedId): PermissionSet {
  const file = new URL(`../fixtures/seeds/${id}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as PermissionSet;
}

/** The sets of all pages, one per way that a page describes. */
export const PERMISSION_SETS: readonly PermissionSet[] = IDS.map(read);

export function permissionSet(id: SeedId): PermissionSet {
  return read(id);
}

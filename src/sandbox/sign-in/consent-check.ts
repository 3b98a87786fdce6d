/**
 * What a user would have to agree to before an app gets what it asks for, and in which words.
 */
import type { Account } from '../directory/cloud.js';
import type { Application } from '../directory/entities.js';
import { listConsented } from '../token/consents.js';
import { listPermissions } from '../token/scopes.js';
import type { Purpose } from './purpose.js';

const WORDING: Readonly<Record<string, string>> = {
  'IMAP.AccessAsUser.All': 'Read and write access to your mail via IMAP',
  'POP.AccessAsUser.All': 'Read access to your mail via POP',
  'SMTP.Send': 'Send mail as you via SMTP AUTH',
  'Mail.Send': 'Send mail as you',
  'Mail.Read': 'Read your mail',
  'Mail.ReadWrite': 'Read and write access to your mail',
  'User.Read': 'Sign you in and read your profile',
};

/** `application` is absent when the tenant does not know the app yet. */
export function listMissingConsent(
  purpose: Purpose,
  application: Application | undefined,
  { user }: Account,
): string[] {
  const { registration, scope, prompt, consentFor } = purpose;
  if (consentFor === 'tenant') return [...registration.requestedScopes, ...registration.requestedAppRoles];
  const consented = application === undefined ? [] : listConsented(application, user);
  const named = listPermissions(scope).map(({ permission }) => permission);
  // '/.default' stands for what was consented to; the first time, for what the registration lists.
  const wanted = named.length === 0 && consented.length === 0 ? [...registration.requestedScopes] : named;
  return prompt.has('consent') ? wanted : wanted.filter((permission) => !consented.includes(permission));
}

export function describePermission(permission: string): string {
  const words = WORDING[permission];
  return words === undefined ? permission : `${words} (${permission})`;
}

/**
 * Judges a submission client's sign-in and words the verdict.
 */
import type { Cloud } from '../directory/cloud.js';
import type { Directory } from '../directory/directory.js';
import { judgeMailAccess } from '../directory/mail-access.js';
import type { Mailbox } from '../directory/entities.js';
import { parseXoauth2 } from '../sasl/xoauth2.js';
import type { AccessTokens } from '../token/access-tokens.js';
import { REPLIES } from './replies.js';

export interface SmtpIdentity {
  readonly directory: Directory;
  readonly mailbox: Mailbox;
  /** The key under which permissions name whoever signed in. */
  readonly trustee: string;
}

export type SignInResult =
  | { readonly reply: string; readonly identity: SmtpIdentity }
  | { readonly reply: string; readonly identity?: undefined };

export function signInWithXoauth2(
  response: string,
  services: { readonly cloud: Cloud; readonly accessTokens: AccessTokens; readonly now: () => number },
): SignInResult {
  const { cloud, accessTokens, now } = services;
  const credentials = parseXoauth2(response);
  if (credentials === undefined) return { reply: REPLIES.badXoauth2 };
  const claims = accessTokens.verify(credentials.accessToken);
  if (claims === undefined) return { reply: REPLIES.refused };
  const access = judgeMailAccess(cloud, 'smtp', claims, credentials.userName, now());
  if (access.verdict !== 'granted') return { reply: REPLIES.refused };
  const { directory, mailbox, trustee } = access;
  const { tenant } = directory;
  // Microsoft says that security defaults switch SMTP AUTH off; whether for OAuth, too, is undocumented.
  if (tenant.securityDefaults) return { reply: REPLIES.securityDefaults };
  if (tenant.authenticationPolicyBlocksSmtp) return { reply: REPLIES.criteriaNotMet };
  if (tenant.organizationRefusesSmtpAuthentication) return { reply: REPLIES.organizationConfiguration };
  // The mailbox's own switch wins over the organisation's, in both directions.
  if (mailbox.smtpClientAuthenticationDisabled === true) return { reply: REPLIES.disabledForMailbox };
  if (mailbox.smtpClientAuthenticationDisabled === undefined && tenant.smtpClientAuthenticationDisabled) {
    return { reply: REPLIES.disabledForTenant };
  }
  return { reply: REPLIES.authenticated, identity: { directory, mailbox, trustee } };
}

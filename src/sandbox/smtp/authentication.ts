/**
 * Judges a submission client's sign-in and words the verdict.
 */
import type { Directory } from '../directory/directory.js';
import { judgeMailAccess } from '../directory/mail-access.js';
import type { Mailbox } from '../directory/entities.js';
import { parseXoauth2 } from '../sasl/xoauth2.js';
import type { SigningKey } from '../token/signing-key.js';
import { REPLIES } from './replies.js';

export interface SmtpIdentity {
  readonly mailbox: Mailbox;
  /** The key under which permissions name whoever signed in. */
  readonly trustee: string;
}

export type SignInResult =
  | { readonly reply: string; readonly identity: SmtpIdentity }
  | { readonly reply: string; readonly identity?: undefined };

export function signInWithXoauth2(
  response: string,
  services: { readonly directory: Directory; readonly signingKey: SigningKey; readonly now: () => number },
): SignInResult {
  const { directory, signingKey, now } = services;
  const credentials = parseXoauth2(response);
  if (credentials === undefined) return { reply: REPLIES.badXoauth2 };
  const claims = signingKey.verify(credentials.accessToken);
  if (claims === undefined) return { reply: REPLIES.refused };
  const access = judgeMailAccess(directory, 'smtp', claims, credentials.userName, now());
  if (access.verdict !== 'granted') return { reply: REPLIES.refused };
  const { mailbox, trustee } = access;
  // The mailbox's own switch wins over the organisation's, in both directions.
  if (mailbox.smtpClientAuthenticationDisabled === true) return { reply: REPLIES.disabledForMailbox };
  if (
    mailbox.smtpClientAuthenticationDisabled === undefined &&
    directory.tenant.smtpClientAuthenticationDisabled
  ) {
    return { reply: REPLIES.disabledForTenant };
  }
  return { reply: REPLIES.authenticated, identity: { mailbox, trustee } };
}

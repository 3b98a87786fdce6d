/**
 * Decides, as Exchange Online does, whether an access token opens a mailbox over a mail protocol.
 * Pure judgement over the directory: servers turn the verdict into their own texts.
 */
import type { TokenClaims } from '../token/claims.js';
import type { Cloud } from './cloud.js';
import type { Directory } from './directory.js';
import type { Application, Mailbox } from './entities.js';
import { normalize } from './new-entities.js';
import { MAIL_AUDIENCES } from './resources.js';

export type MailProtocol = 'imap' | 'pop' | 'smtp';

export type MailAccess =
  | { readonly verdict: 'refused'; readonly reason: string }
  /** Signed in, but the mailbox cannot be opened: "User is authenticated but not connected." */
  | { readonly verdict: 'not-connected'; readonly reason: string; readonly expiresAt: number }
  | {
      readonly verdict: 'granted';
      /** The tenant of the mailbox, which is the tenant of the token. */
      readonly directory: Directory;
      readonly mailbox: Mailbox;
      readonly trustee: string;
      readonly expiresAt: number;
    };

const PERMISSIONS: Record<MailProtocol, { scope: string; role: string }> = {
  imap: { scope: 'IMAP.AccessAsUser.All', role: 'IMAP.AccessAsApp' },
  pop: { scope: 'POP.AccessAsUser.All', role: 'POP.AccessAsApp' },
  smtp: { scope: 'SMTP.Send', role: 'SMTP.SendAsApp' },
};

/** Claims have been verified as to signature; everything else about them is judged here. `now` in milliseconds. */
export function judgeMailAccess(
  cloud: Cloud,
  protocol: MailProtocol,
  claims: TokenClaims,
  userName: string,
  now: number,
): MailAccess {
  const refused = (reason: string): MailAccess => ({ verdict: 'refused', reason });
  if (!MAIL_AUDIENCES.has(claims.aud)) return refused(`audience ${claims.aud} is not Exchange Online`);
  const directory = cloud.findTenant(claims.tid);
  if (directory === undefined) return refused('token of an unknown tenant');
  const expiresAt = claims.exp * 1000;
  if (expiresAt <= now) return refused('token has expired');

  const application = directory.findApplication(claims.appid);
  if (application?.enabled !== true) return refused('unknown or disabled app');
  const trustee =
    claims.upn === undefined
      ? judgeApp(application, protocol, claims)
      : judgeUser(directory, protocol, claims);
  if (trustee.reason !== undefined) return refused(trustee.reason);

  const mailbox = directory.findMailbox(userName);
  if (mailbox === undefined) return refused(`no mailbox ${userName}`);
  if (!mailbox.licensed) return refused('mailbox has no licence');
  if (protocol === 'imap' && !mailbox.imapEnabled) return refused('IMAP is switched off for the mailbox');
  if (protocol === 'pop' && !mailbox.popEnabled) return refused('POP is switched off for the mailbox');

  const owns = mailbox.owner !== undefined && normalize(mailbox.owner) === trustee.key;
  if (!owns && !mailbox.fullAccess.has(trustee.key)) {
    return { verdict: 'not-connected', reason: 'no FullAccess permission', expiresAt };
  }
  return { verdict: 'granted', directory, mailbox, trustee: trustee.key, expiresAt };
}

type Trustee =
  { readonly key: string; readonly reason?: undefined } | { readonly key: ''; readonly reason: string };

function judgeApp(application: Application, protocol: MailProtocol, claims: TokenClaims): Trustee {
  const { role } = PERMISSIONS[protocol];
  if (claims.roles?.includes(role) !== true) return { key: '', reason: `role ${role} is missing` };
  const registered = application.exchangeServicePrincipal;
  if (registered === undefined) return { key: '', reason: 'no service principal in Exchange' };
  if (normalize(registered) !== normalize(claims.oid))
    return { key: '', reason: 'wrong object id in Exchange' };
  return { key: normalize(claims.oid) };
}

function judgeUser(directory: Directory, protocol: MailProtocol, claims: TokenClaims): Trustee {
  const { scope } = PERMISSIONS[protocol];
  if (claims.scp?.split(' ').includes(scope) !== true)
    return { key: '', reason: `scope ${scope} is missing` };
  const user = directory.findUser(claims.upn ?? '');
  if (user === undefined) return { key: '', reason: 'unknown user' };
  return { key: normalize(user.userPrincipalName) };
}

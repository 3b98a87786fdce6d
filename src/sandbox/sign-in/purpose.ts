/**
 * Why somebody signs in: for an application in a browser, for a device elsewhere, or to consent for a whole tenant.
 * An interaction asks its purpose what is wanted and hands it the outcome.
 */
import type { Directory } from '../directory/directory.js';
import type { Application } from '../directory/entities.js';
import type { TokenError } from '../token/token-error.js';
import type { BrowserReply } from './browser-exchange.js';
import type { SignedInAccount } from './browser-sessions.js';

export interface Purpose {
  readonly registration: Application;
  /** As in the path; `named` is the tenant it stands for, if it stands for one. */
  readonly tenantSegment: string;
  readonly named: Directory | undefined;
  /** The scope parameter. */
  readonly scope: string;
  /** Who is asked to agree: the user for themselves, or an administrator for everybody. */
  readonly consentFor: 'user' | 'tenant';
  readonly prompt: ReadonlySet<string>;
  readonly loginHint: string;
  /** "Are you trying to sign in to …?", because the request came from another device. */
  readonly needsConfirmation: boolean;
  complete(signedIn: SignedInAccount): BrowserReply;
  refuse(refusal: TokenError): BrowserReply;
}

/**
 * What is known about how a user signed in. Codes, device codes and refresh tokens carry it along, so that policies
 * can be applied again whenever one of them is redeemed.
 */
import type { RedirectType } from '../directory/entities.js';

export interface SignInFacts {
  readonly tenantId: string;
  readonly userPrincipalName: string;
  /** When the user proved who they are, in milliseconds. */
  readonly authenticatedAt: number;
  readonly secondFactorProven: boolean;
  /** The kind of redirect URI the sign-in came back through; absent where there was none. */
  readonly redirectType?: RedirectType;
}

/**
 * The three purposes of a sign-in, each with what becomes of its outcome.
 */
import { randomUUID } from 'node:crypto';
import type { DeviceGrant } from '../token/device-codes.js';
import type { IdentityPlatform } from '../token/platform.js';
import type { SignInFacts } from '../token/sign-in-facts.js';
import { findNamedTenant } from '../token/tenant-choice.js';
import { describeRefusal, TokenError } from '../token/token-error.js';
import { identifyRegistration } from '../token/token-request.js';
import { answerTo } from './answer.js';
import type { AuthorizeRequest, ReturnAddress, TrustedClient } from './authorize-request.js';
import type { BrowserReply } from './browser-exchange.js';
import type { SignedInAccount } from './browser-sessions.js';
import { donePage, errorPage } from './pages/pages.js';
import type { Purpose } from './purpose.js';

/** An authorization code for the application that sent the browser here. */
export function authorizeApplication(
  request: AuthorizeRequest,
  { registration, named, returnTo }: TrustedClient,
  tenantSegment: string,
  platform: IdentityPlatform,
): Purpose {
  const { scope, nonce, challenge, prompt, loginHint } = request;
  const { clientId } = registration;
  return {
    registration,
    tenantSegment,
    named,
    scope,
    consentFor: 'user',
    prompt,
    loginHint,
    needsConfirmation: false,
    complete(signedIn) {
      const facts = { ...factsOf(signedIn), redirectType: returnTo.type };
      const { redirectUri } = returnTo;
      const now = platform.now();
      const code = platform.codes.issue({ clientId, redirectUri, scope, nonce, challenge, facts }, now);
      return answerTo(returnTo, { code, session_state: randomUUID() });
    },
    refuse: (refusal) => sendRefusal(returnTo, refusal, platform.now()),
  };
}

/** An answer for the device that polls with this grant's device code. @throws TokenError as identifyRegistration */
export function authorizeGrantedDevice(grant: DeviceGrant, platform: IdentityPlatform): Purpose {
  const { tenantSegment, scope, clientId } = grant;
  const named = findNamedTenant(tenantSegment, platform.cloud);
  const registration = identifyRegistration(clientId, tenantSegment, platform.cloud, named);
  return {
    registration,
    tenantSegment,
    named,
    scope,
    consentFor: 'user',
    prompt: new Set(),
    loginHint: '',
    needsConfirmation: true,
    complete(signedIn) {
      if (signedIn.account.directory.tenant.deviceCodeFlowBlocked) return this.refuse(new TokenError(53003));
      grant.facts = factsOf(signedIn);
      grant.state = 'approved';
      return donePage({
        title: registration.name,
        text: `You have signed in to ${registration.name} on your device. You may now close this window.`,
      });
    },
    refuse(refusal) {
      if (refusal.code !== 65004) {
        grant.refusal = refusal;
        return showRefusal(refusal, platform.now());
      }
      grant.state = 'declined';
      return donePage({
        title: 'Sign-in cancelled',
        text: 'Your device has been told. You may close this window.',
      });
    },
  };
}

/** An administrator's consent for a whole tenant, without a code at the end. */
export function consentForTenant(
  { registration, named, returnTo }: TrustedClient,
  tenantSegment: string,
  platform: IdentityPlatform,
): Purpose {
  return {
    registration,
    tenantSegment,
    named,
    scope: '',
    consentFor: 'tenant',
    prompt: new Set(),
    loginHint: '',
    needsConfirmation: false,
    complete: ({ account }) =>
      answerTo(returnTo, { admin_consent: 'True', tenant: account.directory.tenant.id }),
    refuse: (refusal) => sendRefusal(returnTo, refusal, platform.now()),
  };
}

export function sendRefusal(returnTo: ReturnAddress, refusal: TokenError, now: number): BrowserReply {
  return answerTo(returnTo, {
    error: refusal.refusal.error,
    ...(refusal.refusal.suberror === undefined ? {} : { error_subcode: refusal.refusal.suberror }),
    error_description: describe(refusal, now),
    error_uri: `https://login.microsoftonline.com/error?code=${refusal.code}`,
  });
}

/** For refusals that must not leave this site. */
export function showRefusal(refusal: TokenError, now: number): BrowserReply {
  return errorPage({ error: `AADSTS${refusal.code}`, description: describe(refusal, now) });
}

function describe({ code, message }: TokenError, now: number): string {
  return describeRefusal(code, message, { traceId: randomUUID(), correlationId: randomUUID() }, now);
}

function factsOf({ account, authenticatedAt, secondFactorProven }: SignedInAccount): SignInFacts {
  return {
    tenantId: account.directory.tenant.id,
    userPrincipalName: account.user.userPrincipalName,
    authenticatedAt,
    secondFactorProven,
  };
}

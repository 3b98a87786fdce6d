/**
 * One sign-in from the first page to the answer: account, password, second factor, confirmation, consent, each asked
 * for only when it is needed. Knows nothing of HTTP, and not what the sign-in is for.
 */
import { randomBytes, randomInt } from 'node:crypto';
import type { Account, Cloud } from '../directory/cloud.js';
import type { Application } from '../directory/entities.js';
import { consentAsAdministrator, consentAsUser } from '../token/consents.js';
import { checkScopes } from '../token/scopes.js';
import { checkAccount, findServicePrincipal } from '../token/tenant-choice.js';
import { TokenError } from '../token/token-error.js';
import { checkPassword, checkUser } from '../token/user-checks.js';
import type { BrowserReply } from './browser-exchange.js';
import type { BrowserSession, SignedInAccount } from './browser-sessions.js';
import { describePermission, listMissingConsent } from './consent-check.js';
import {
  accountPicker,
  adminApprovalPage,
  confirmationPage,
  consentPage,
  secondFactorPage,
  signInPage,
} from './pages/pages.js';
import type { Purpose } from './purpose.js';

type Stage = 'sign-in' | 'pick' | 'second-factor' | 'confirm' | 'consent' | 'admin-approval';

/** Refusals that a user can mend on the spot: they stay on the sign-in page. */
const RETRYABLE = new Set([50034, 50126]);

export class Interaction {
  readonly flow = randomBytes(24).toString('base64url');
  readonly #purpose: Purpose;
  readonly #cloud: Cloud;
  readonly #now: () => number;
  #stage: Stage = 'sign-in';
  #account: Account | undefined;
  #authenticatedAt = 0;
  #secondFactorProven = false;
  #secondFactorCode = '';
  #isConfirmed = false;
  #hasAgreed = false;

  constructor(purpose: Purpose, cloud: Cloud, now: () => number) {
    this.#purpose = purpose;
    this.#cloud = cloud;
    this.#now = now;
  }

  /** The first page, or at once the answer when nothing needs to be asked. */
  begin(session: BrowserSession): BrowserReply {
    const { prompt, loginHint } = this.#purpose;
    const { accounts } = session;
    const [only, ...others] = accounts;
    const chosen = loginHint === '' && others.length === 0 ? only : session.find(loginHint);
    if (prompt.has('none') && chosen === undefined) return this.#purpose.refuse(new TokenError(50058));
    if (prompt.has('login') || only === undefined) return this.#askToSignIn(loginHint);
    if (prompt.has('select_account') || (chosen === undefined && loginHint === '')) {
      this.#stage = 'pick';
      return accountPicker({
        flow: this.flow,
        appName: this.#purpose.registration.name,
        accounts: accounts.map(({ account }) => account.user.userPrincipalName),
      });
    }
    return chosen === undefined ? this.#askToSignIn(loginHint) : this.#adopt(chosen, session);
  }

  /** What follows on a form the user sent. */
  submit(form: URLSearchParams, session: BrowserSession): BrowserReply {
    if (form.get('action') === 'cancel') return this.#purpose.refuse(new TokenError(65004));
    switch (this.#stage) {
      case 'sign-in':
        return this.#signIn(form.get('login') ?? '', form.get('passwd') ?? '', session);
      case 'pick': {
        const picked = session.find(form.get('account') ?? '');
        return picked === undefined ? this.#askToSignIn('') : this.#adopt(picked, session);
      }
      case 'second-factor':
        if ((form.get('otc') ?? '').trim() !== this.#secondFactorCode) {
          return this.#askForSecondFactor('That code did not work. (AADSTS500121)');
        }
        this.#secondFactorProven = true;
        return this.#proceed(session);
      case 'confirm':
        this.#isConfirmed = true;
        return this.#proceed(session);
      case 'consent':
        this.#agree(form.get('for_all') === '1');
        return this.#proceed(session);
      case 'admin-approval':
        return this.#purpose.refuse(new TokenError(90094, { name: this.#purpose.registration.name }));
    }
  }

  #askToSignIn(userName: string, problem?: string): BrowserReply {
    this.#stage = 'sign-in';
    return signInPage({ flow: this.flow, appName: this.#purpose.registration.name, userName, problem });
  }

  #askForSecondFactor(problem?: string): BrowserReply {
    this.#stage = 'second-factor';
    this.#secondFactorCode = String(randomInt(100_000, 1_000_000));
    const account = this.#account?.user.userPrincipalName ?? '';
    return secondFactorPage({ flow: this.flow, account, code: this.#secondFactorCode, problem });
  }

  #signIn(userName: string, password: string, session: BrowserSession): BrowserReply {
    try {
      const account = this.#cloud.findAccount(userName.trim());
      if (account === undefined) {
        const tenant = this.#purpose.named?.tenant.displayName ?? 'Microsoft Accounts';
        throw new TokenError(50034, { user: userName, tenant });
      }
      checkPassword(account, password);
      this.#account = account;
      this.#authenticatedAt = this.#now();
    } catch (failure) {
      if (!(failure instanceof TokenError)) throw failure;
      if (!RETRYABLE.has(failure.code)) return this.#purpose.refuse(failure);
      return this.#askToSignIn(userName, `${failure.message} (AADSTS${failure.code})`);
    }
    return this.#proceed(session);
  }

  #adopt(signedIn: SignedInAccount, session: BrowserSession): BrowserReply {
    const { user } = signedIn.account;
    // What revokes refresh tokens signs browsers out, too.
    if (signedIn.authenticatedAt < Math.max(user.signInSessionsValidFrom, user.passwordChangedAt)) {
      if (this.#purpose.prompt.has('none')) return this.#purpose.refuse(new TokenError(50058));
      return this.#askToSignIn(user.userPrincipalName);
    }
    this.#account = signedIn.account;
    this.#authenticatedAt = signedIn.authenticatedAt;
    this.#secondFactorProven = signedIn.secondFactorProven;
    return this.#proceed(session);
  }

  #proceed(session: BrowserSession): BrowserReply {
    const account = this.#account;
    if (account === undefined) return this.#askToSignIn('');
    const { registration, tenantSegment, named, scope, needsConfirmation } = this.#purpose;
    let missing: string[];
    try {
      checkAccount(account, tenantSegment, named, registration);
      checkScopes(scope, account.directory.tenant);
      const application = findServicePrincipal(account.directory, registration);
      if (this.#lacksSecondFactor(account, application ?? registration)) return this.#askForSecondFactor();
      missing = listMissingConsent(this.#purpose, application, account);
    } catch (failure) {
      if (!(failure instanceof TokenError)) throw failure;
      return this.#purpose.refuse(failure);
    }
    if (needsConfirmation && !this.#isConfirmed) {
      this.#stage = 'confirm';
      return confirmationPage({ flow: this.flow, appName: registration.name });
    }
    if (missing.length > 0 && !this.#hasAgreed) return this.#askForConsent(account, missing);
    const signedIn = {
      account,
      authenticatedAt: this.#authenticatedAt,
      secondFactorProven: this.#secondFactorProven,
    };
    session.remember(signedIn);
    return this.#purpose.complete(signedIn);
  }

  /** @throws TokenError of every other rule that stands against the sign-in */
  #lacksSecondFactor(account: Account, application: Application): boolean {
    try {
      const secondFactorProven = this.#secondFactorProven;
      checkUser(account, application, { secondFactorProven, by: 'browser' }, application.name);
      return false;
    } catch (failure) {
      const isMissing = failure instanceof TokenError && failure.code === 50076;
      if (!isMissing || this.#purpose.prompt.has('none')) throw failure;
      return true;
    }
  }

  #askForConsent({ directory, user }: Account, missing: readonly string[]): BrowserReply {
    const { registration, prompt, consentFor } = this.#purpose;
    const view = { flow: this.flow, appName: registration.name, account: user.userPrincipalName };
    if (prompt.has('none')) {
      const app = { app: registration.clientId, name: registration.name };
      return this.#purpose.refuse(new TokenError(65001, app, { error: 'consent_required' }));
    }
    const mayConsent = user.isAdministrator || (consentFor === 'user' && directory.tenant.userConsentAllowed);
    if (!mayConsent) {
      this.#stage = 'admin-approval';
      return adminApprovalPage(view);
    }
    this.#stage = 'consent';
    return consentPage({
      ...view,
      permissions: missing.map(describePermission),
      mayConsentForAll: user.isAdministrator && consentFor === 'user',
    });
  }

  #agree(forAll: boolean): void {
    const account = this.#account;
    if (account === undefined) return;
    const { registration, consentFor } = this.#purpose;
    const { directory, user } = account;
    const application =
      findServicePrincipal(directory, registration) ?? directory.addServicePrincipal(registration);
    if (consentFor === 'tenant' || (forAll && user.isAdministrator)) consentAsAdministrator(application);
    if (consentFor === 'user') {
      consentAsUser(application, user, listMissingConsent(this.#purpose, application, account));
    }
    this.#hasAgreed = true;
  }
}

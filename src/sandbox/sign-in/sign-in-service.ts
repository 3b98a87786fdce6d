/**
 * The pages of the identity platform without HTTP: which request starts or continues which sign-in.
 */
import type { DeviceGrant } from '../token/device-codes.js';
import type { IdentityPlatform } from '../token/platform.js';
import { TokenError } from '../token/token-error.js';
import { readAuthorizeRequest, readTrustedClient } from './authorize-request.js';
import type { BrowserReply, BrowserRequest } from './browser-exchange.js';
import type { BrowserSession } from './browser-sessions.js';
import { BrowserSessions, SESSION_COOKIE } from './browser-sessions.js';
import { Interaction } from './interaction.js';
import { deviceCodePage, donePage, errorPage } from './pages/pages.js';
import type { Purpose } from './purpose.js';
import {
  authorizeApplication,
  authorizeGrantedDevice,
  consentForTenant,
  sendRefusal,
  showRefusal,
} from './purposes.js';

const MAX_INTERACTIONS = 1000;

export class SignInService {
  readonly sessions = new BrowserSessions();
  readonly #platform: IdentityPlatform;
  readonly #interactions = new Map<string, Interaction>();

  constructor(platform: IdentityPlatform) {
    this.#platform = platform;
  }

  /** The reply to a path below the tenant segment; undefined when there is no such page. */
  answer(path: string, request: BrowserRequest): BrowserReply | undefined {
    switch (path) {
      case 'oauth2/v2.0/authorize':
        return this.#guard(() => this.#authorize(request));
      case 'adminconsent':
      case 'v2.0/adminconsent':
        return this.#guard(() => this.#consentForTenant(request));
      case 'oauth2/deviceauth':
        return this.#guard(() => this.#enterDeviceCode(request));
      case 'login':
        return request.isPost ? this.#guard(() => this.#continue(request)) : undefined;
      case 'oauth2/v2.0/logout':
        return this.#signOut(request);
      default:
        return undefined;
    }
  }

  #authorize(request: BrowserRequest): BrowserReply {
    const client = readTrustedClient(request, this.#platform);
    let purpose: Purpose;
    try {
      const wanted = readAuthorizeRequest(request, client);
      purpose = authorizeApplication(wanted, client, request.tenantSegment, this.#platform);
    } catch (failure) {
      if (!(failure instanceof TokenError)) throw failure;
      return sendRefusal(client.returnTo, failure, this.#platform.now());
    }
    return this.#start(purpose, request);
  }

  #consentForTenant(request: BrowserRequest): BrowserReply {
    const client = readTrustedClient(request, this.#platform);
    return this.#start(consentForTenant(client, request.tenantSegment, this.#platform), request);
  }

  #enterDeviceCode(request: BrowserRequest): BrowserReply {
    const userCode = request.parameters.get('otc') ?? '';
    if (!request.isPost) return deviceCodePage({ userCode });
    let grant: DeviceGrant;
    try {
      grant = this.#platform.deviceCodes.findByUserCode(userCode, this.#platform.now());
    } catch (failure) {
      if (!(failure instanceof TokenError)) throw failure;
      return deviceCodePage({ userCode, problem: `${failure.message} (AADSTS${failure.code})` });
    }
    return this.#start(authorizeGrantedDevice(grant, this.#platform), request);
  }

  #start(purpose: Purpose, request: BrowserRequest): BrowserReply {
    const interaction = new Interaction(purpose, this.#platform.cloud, this.#platform.now);
    this.#interactions.set(interaction.flow, interaction);
    const [oldest] = this.#interactions.keys();
    if (this.#interactions.size > MAX_INTERACTIONS && oldest !== undefined) this.#interactions.delete(oldest);
    const session = this.sessions.open(request.sessionId);
    return withSession(interaction.begin(session), session);
  }

  #continue(request: BrowserRequest): BrowserReply {
    const interaction = this.#interactions.get(request.parameters.get('flow') ?? '');
    if (interaction === undefined) {
      return errorPage({
        error: 'unknown-sign-in',
        description: 'This sign-in is over or was never begun. Start again from the application.',
      });
    }
    const session = this.sessions.open(request.sessionId);
    return withSession(interaction.submit(request.parameters, session), session);
  }

  #signOut(request: BrowserRequest): BrowserReply {
    this.sessions.close(request.sessionId);
    return donePage({ title: 'You signed out of your account', text: 'You may close this window.' });
  }

  /** What may not be sent anywhere is shown. */
  #guard(answer: () => BrowserReply): BrowserReply {
    try {
      return answer();
    } catch (failure) {
      if (!(failure instanceof TokenError)) throw failure;
      return showRefusal(failure, this.#platform.now());
    }
  }
}

function withSession(reply: BrowserReply, session: BrowserSession): BrowserReply {
  const cookie = `${SESSION_COOKIE}=${session.id}; Path=/; Secure; HttpOnly; SameSite=Lax`;
  return { ...reply, headers: { ...reply.headers, 'Set-Cookie': cookie } };
}

/**
 * Device codes: what a device polls with and what its user types elsewhere. One answer each, within 15 minutes.
 */
import { randomBytes, randomInt } from 'node:crypto';
import type { SignInFacts } from './sign-in-facts.js';
import { TokenError } from './token-error.js';

export interface DeviceSettings {
  /** Seconds a client has to wait between two polls. */
  intervalSeconds: number;
  /** Seconds until the code is worth nothing. */
  lifetimeSeconds: number;
}

export interface DeviceGrant {
  readonly deviceCode: string;
  readonly userCode: string;
  readonly clientId: string;
  /** The path's tenant segment of the request. */
  readonly tenantSegment: string;
  readonly scope: string;
  readonly expiresAt: number;
  state: 'pending' | 'approved' | 'declined' | 'redeemed';
  facts: SignInFacts | undefined;
  /** Why the user could not sign in. That the device hears of it at its next poll is inferred. */
  refusal: TokenError | undefined;
}

/** No vowels and nothing that looks like something else. */
const USER_CODE_LETTERS = 'BCDFGHJKLMNPQRSTVWXZ23456789';
const USER_CODE_LENGTH = 9;

export class DeviceCodes {
  readonly settings: DeviceSettings = { intervalSeconds: 5, lifetimeSeconds: 900 };
  readonly #grants = new Map<string, DeviceGrant>();

  issue(request: Pick<DeviceGrant, 'clientId' | 'tenantSegment' | 'scope'>, now: number): DeviceGrant {
    const grant: DeviceGrant = {
      ...request,
      deviceCode: randomBytes(48).toString('base64url'),
      userCode: Array.from({ length: USER_CODE_LENGTH }, () =>
        USER_CODE_LETTERS.charAt(randomInt(USER_CODE_LETTERS.length)),
      ).join(''),
      expiresAt: now + this.settings.lifetimeSeconds * 1000,
      state: 'pending',
      facts: undefined,
      refusal: undefined,
    };
    this.#grants.set(grant.deviceCode, grant);
    return grant;
  }

  /** What a user typed, blanks and case aside. @throws TokenError 70018, 70019, 90120 */
  findByUserCode(typed: string, now: number): DeviceGrant {
    const wanted = typed.replace(/[\s-]/gu, '').toUpperCase();
    const grant = [...this.#grants.values()].find(({ userCode }) => userCode === wanted);
    if (grant === undefined) throw new TokenError(70018);
    if (grant.expiresAt <= now) throw new TokenError(70019);
    if (grant.state !== 'pending') throw new TokenError(90120);
    return grant;
  }

  /** A poll. @throws TokenError 70018, 90120, 70020, 70019, 70016 */
  redeem(deviceCode: string, clientId: string, now: number): { grant: DeviceGrant; facts: SignInFacts } {
    const grant = this.#grants.get(deviceCode);
    if (grant?.clientId !== clientId) throw new TokenError(70018);
    if (grant.state === 'redeemed') throw new TokenError(90120);
    if (grant.refusal !== undefined) throw grant.refusal;
    if (grant.state === 'declined') throw new TokenError(70020);
    if (grant.expiresAt <= now) throw new TokenError(70019);
    if (grant.facts === undefined) throw new TokenError(70016);
    grant.state = 'redeemed';
    return { grant, facts: grant.facts };
  }
}

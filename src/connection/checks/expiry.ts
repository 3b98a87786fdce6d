/**
 * Stage "expiry": is what the connection signs in with good for long enough? Warned about from 30 days ahead, because
 * a person has to act. Owns: where each method's end date comes from.
 */
import { Failure } from '../../errors/index.js';
import type { Access } from '../access.js';
import { readCertificate } from '../grants/index.js';
import { signedInFor } from '../sign-in.js';
import type { Finding } from './stage.js';

export const WARN_DAYS = 30;
const DAY_MS = 86_400_000;

/** Something that ends. */
export interface Expiry {
  readonly what: 'client-secret' | 'certificate' | 'next-certificate' | 'sign-in';
  /** ISO 8601 date. */
  readonly date: string;
  /** Whole days from now; negative when it is over. */
  readonly days: number;
}

function expiry(what: Expiry['what'], end: number, now: number): Expiry {
  return { what, date: new Date(end).toISOString().slice(0, 10), days: Math.floor((end - now) / DAY_MS) };
}

/** What ends, as far as it can be known without a right to read the directory. @throws Failure certificate-unusable */
export async function expiriesOf(access: Access): Promise<Expiry[]> {
  const { authentication } = access.settings;
  const now = access.now();
  switch (authentication.method) {
    case 'client-secret':
      return authentication.secretExpiresOn === undefined
        ? []
        : [expiry('client-secret', Date.parse(authentication.secretExpiresOn), now)];
    case 'certificate': {
      const { certificate, certificatePassword, nextCertificate } = authentication;
      const current = await readCertificate(certificate, certificatePassword);
      const ends = [expiry('certificate', current.validTo, now)];
      if (nextCertificate === undefined) return ends;
      const next = await readCertificate(nextCertificate, certificatePassword);
      return [...ends, expiry('next-certificate', next.validTo, now)];
    }
    case 'sign-in':
    case 'device-code': {
      const signedIn = await signedInFor(access);
      return signedIn === undefined ? [] : [expiry('sign-in', Date.parse(signedIn.idleUntil), now)];
    }
    default:
      return [];
  }
}

/** What to say about one end; undefined while there is time. */
export function expiryWarning({ what, date, days }: Expiry): Failure | undefined {
  if (days >= WARN_DAYS) return undefined;
  return what === 'sign-in'
    ? new Failure('sign-in-ends-soon', { parameters: { date, days } })
    : new Failure('expires-soon', { parameters: { what, date, days } });
}

/** Whether the method has an end at all that somebody has to watch. */
export function hasExpiry({ settings: { authentication } }: Access): boolean {
  return authentication.method !== 'password' && authentication.method !== 'federated-credential';
}

export async function checkExpiry(access: Access): Promise<Finding> {
  const ends = await expiriesOf(access);
  if (ends.length === 0) {
    // A sign-in that is not there ends nowhere: the stage "token" has said so already.
    return access.settings.authentication.method === 'client-secret'
      ? { status: 'not-verifiable', failure: new Failure('expiry-not-visible') }
      : {};
  }
  const evidence = Object.fromEntries(ends.map(({ what, date }) => [what, date]));
  // With the next credential in place there is nothing left to do about the first.
  const last = ends.at(-1);
  const failure = last === undefined ? undefined : expiryWarning(last);
  return failure === undefined ? { evidence } : { status: 'warning', evidence, failure };
}

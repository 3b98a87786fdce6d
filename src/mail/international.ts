/**
 * Addresses with letters beyond ASCII before the sign (RFC 6531). Owns: finding them, and what is said where a service has no
 * way for them. Domains are in ASCII by the time a message is here.
 */
import { Failure } from '../errors/index.js';
import type { Envelope, OutgoingMessage, Submission } from './sending.js';

export function internationalAddresses({ from, to, cc, bcc, replyTo }: OutgoingMessage): string[] {
  return [from, ...to, ...cc, ...bcc, ...replyTo]
    .map(({ address }) => address)
    .filter((address) => Buffer.byteLength(address) !== address.length);
}

/** Nothing was sent to anybody: one such address makes the header of the whole message one that the service does not take. */
export function withoutInternational(
  { to }: Envelope,
  addresses: readonly string[],
  host: string,
): Submission {
  const failure = new Failure('international-address-not-taken', {
    parameters: { recipient: addresses.join(', '), host },
  });
  const outcome = 'rejected' as const;
  return { outcome, failure, recipients: to.map((address) => ({ address, outcome, failure })) };
}

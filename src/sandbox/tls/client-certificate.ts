/**
 * Makes a self-signed RSA certificate as an administrator would for an app (openssl req -x509, New-SelfSignedCertificate):
 * the app keeps the key, the registration gets the certificate.
 */
import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import { exportPrivateKey, signCertificate } from './certificates.js';

export interface ClientCertificate {
  /** PEM */
  readonly certificate: string;
  /** PEM (PKCS #8), not encrypted. */
  readonly privateKey: string;
}

const DAY_MS = 86_400_000;

/** Takes 0.1 to 0.5 s for RSA primes. Default: valid from yesterday, for a year. */
export async function createClientCertificate(
  options: { readonly subject?: string; readonly notBefore?: Date; readonly notAfter?: Date } = {},
): Promise<ClientCertificate> {
  const { privateKey, publicKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  const subject = options.subject ?? 'Contoso mail connector';
  const notBefore = options.notBefore ?? new Date(Date.now() - DAY_MS);
  const certificate = signCertificate({
    subject,
    issuer: subject,
    publicKey,
    issuerPublicKey: publicKey,
    issuerKey: privateKey,
    notBefore,
    notAfter: options.notAfter ?? new Date(notBefore.getTime() + 365 * DAY_MS),
    extensions: [],
  });
  return { certificate, privateKey: exportPrivateKey(privateKey) };
}

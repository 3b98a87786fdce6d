/**
 * What an app registration keeps of a certificate that was uploaded to it.
 */
import { createHash, X509Certificate } from 'node:crypto';
import type { AppCertificate } from './entities.js';

/** @throws when the text holds no certificate */
export function describeCertificate(certificate: string): AppCertificate {
  const parsed = new X509Certificate(certificate);
  return {
    certificate: parsed.toString(),
    thumbprintSha256: createHash('sha256').update(parsed.raw).digest('base64url'),
    thumbprintSha1: createHash('sha1').update(parsed.raw).digest('base64url'),
    notBefore: Date.parse(parsed.validFrom),
    notAfter: Date.parse(parsed.validTo),
  };
}

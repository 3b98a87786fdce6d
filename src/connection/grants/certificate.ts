/**
 * Certificate and private key as a person has them (PEM, or a PFX file as base64) → what MSAL signs with.
 * Owns: reading and judging them before anything is sent. Must not: let key material into a failure.
 */
import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { Failure } from '../../errors/index.js';
import { pfxToPem } from './pfx.js';

export interface Certificate {
  /** PKCS #8, PEM, not encrypted: for MSAL only. */
  readonly privateKey: string;
  /** SHA-256 of the DER certificate, hexadecimal: `x5t#S256` of the assertion. */
  readonly thumbprintSha256: string;
  /** Milliseconds since 1970. */
  readonly validFrom: number;
  readonly validTo: number;
  readonly subject: string;
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/gu;
const PRIVATE_KEY =
  /-----BEGIN (?:RSA |EC |ENCRYPTED )?PRIVATE KEY-----[\s\S]+?-----END (?:RSA |EC |ENCRYPTED )?PRIVATE KEY-----/u;

/** Why a certificate cannot be used, for texts and for tests. */
export type CertificateProblem =
  | 'not-readable'
  | 'no-certificate'
  | 'no-private-key'
  | 'wrong-password'
  | 'not-rsa'
  | 'keys-differ'
  | 'not-yet-valid';

function unusable(reason: CertificateProblem, cause?: unknown): Failure {
  return new Failure('certificate-unusable', { parameters: { reason }, cause });
}

const BLOCK = /(-----BEGIN [A-Z\d ]+-----)([\s\S]+?)(-----END [A-Z\d ]+-----)/gu;
/** How OpenSSL before 1.1 names the cipher of a key within the block (RFC 1421 section 4.6.1). */
const CIPHER = /^\s*(Proc-Type: 4,ENCRYPTED)\s+(DEK-Info: [A-Z\d-]+,[\dA-F]+)\s/u;

/** A form's one-line field turns line ends into blanks, JSON into "\n"; base64 does not care, yet OpenSSL does. */
function withLines(text: string): string {
  return text
    .replaceAll(/\\r|\\n/gu, '\n')
    .replace(BLOCK, (_whole, begin: string, inner: string, end: string) => {
      const cipher = CIPHER.exec(inner);
      const base64 = cipher === null ? inner : inner.slice(cipher[0].length);
      const head = cipher === null ? [] : [cipher[1], cipher[2], ''];
      return [begin, ...head, ...(base64.replace(/\s/gu, '').match(/.{1,64}/gu) ?? []), end].join('\n');
    });
}

function parseKey(pem: string, password: string | undefined): KeyObject {
  try {
    return createPrivateKey({ key: pem, ...(password === undefined ? {} : { passphrase: password }) });
  } catch (error) {
    throw unusable(pem.includes('ENCRYPTED') ? 'wrong-password' : 'not-readable', error);
  }
}

function parseCertificates(pem: string): X509Certificate[] {
  try {
    return (pem.match(CERTIFICATE) ?? []).map((block) => new X509Certificate(block));
  } catch (error) {
    throw unusable('not-readable', error);
  }
}

/** @throws Failure certificate-unusable */
export async function readCertificate(text: string, password?: string): Promise<Certificate> {
  const pem = text.includes('-----BEGIN ') ? withLines(text) : await pfxToPem(text, password);
  const certificates = parseCertificates(pem);
  if (certificates.length === 0) throw unusable('no-certificate');
  const block = PRIVATE_KEY.exec(pem)?.[0];
  if (block === undefined) throw unusable('no-private-key');
  const key = parseKey(block, password);
  // Microsoft takes RSA only for client assertions (learn.microsoft.com, "Certificate credentials").
  if (key.asymmetricKeyType !== 'rsa') throw unusable('not-rsa');
  // The file may hold the chain in any order: the certificate is the one that the key belongs to.
  const certificate = certificates.find((one) => one.checkPrivateKey(key));
  if (certificate === undefined) throw unusable('keys-differ');
  return {
    privateKey: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    thumbprintSha256: certificate.fingerprint256.replaceAll(':', ''),
    validFrom: Date.parse(certificate.validFrom),
    validTo: Date.parse(certificate.validTo),
    subject: certificate.subject,
  };
}

/**
 * Microsoft would refuse it as well, in a text that names no date.
 * @throws Failure certificate-expired, certificate-unusable before its time
 */
export function certificateInForce({ validFrom, validTo }: Certificate, now = Date.now()): void {
  if (validTo <= now) {
    throw new Failure('certificate-expired', {
      parameters: { date: new Date(validTo).toISOString().slice(0, 10) },
    });
  }
  if (validFrom > now) throw unusable('not-yet-valid');
}

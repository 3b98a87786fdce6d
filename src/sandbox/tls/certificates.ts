/**
 * Makes the sandbox's own root and the certificate its servers show, both ECDSA P-256.
 * Built on node:crypto alone: a certificate is forty lines of DER, a library for it costs more to load than the
 * rest of the sandbox takes to start. Not for use outside the sandbox.
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
} from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import {
  bitString,
  booleanTrue,
  nullValue,
  objectIdentifier,
  octetString,
  positiveInteger,
  sequence,
  setOf,
  tagged,
  taggedBytes,
  time,
  utf8String,
} from './der.js';

export interface Authority {
  /** PEM of the root certificate: what a client has to trust. */
  readonly certificate: string;
  /** PEM (PKCS #8) of the root's private key. */
  readonly privateKey: string;
}

export interface ServerIdentity {
  /** PEM of the leaf followed by the root. */
  readonly certificate: string;
  readonly privateKey: string;
}

const DAY_MS = 86_400_000;
const ROOT_NAME = 'Microsoft 365 sandbox root';
const ECDSA_WITH_SHA256 = sequence(objectIdentifier('1.2.840.10045.4.3.2'));
const RSA_WITH_SHA256 = sequence(objectIdentifier('1.2.840.113549.1.1.11'), nullValue());

/** Creates a root valid for ten years. */
export function createAuthority(): Authority {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const certificate = signCertificate({
    subject: ROOT_NAME,
    issuer: ROOT_NAME,
    publicKey,
    issuerPublicKey: publicKey,
    issuerKey: privateKey,
    ...validFor(3650),
    extensions: [
      extension('2.5.29.19', true, sequence(booleanTrue())), // basicConstraints: a CA
      extension('2.5.29.15', true, bitString(Buffer.from([0x06]), 1)), // keyUsage: keyCertSign, cRLSign
    ],
  });
  return { certificate, privateKey: exportPrivateKey(privateKey) };
}

/** Issues one server certificate for all host names; names that are IPv4 addresses become iPAddress entries. */
export function issueServerCertificate(authority: Authority, hostNames: readonly string[]): ServerIdentity {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const issuerKey = createPrivateKey(authority.privateKey);
  const certificate = signCertificate({
    subject: hostNames[0] ?? 'localhost',
    issuer: ROOT_NAME,
    publicKey,
    issuerPublicKey: createPublicKey(issuerKey),
    issuerKey,
    ...validFor(397), // the longest lifetime strict clients accept
    extensions: [
      extension('2.5.29.15', true, bitString(Buffer.from([0x80]), 7)), // keyUsage: digitalSignature
      extension('2.5.29.37', false, sequence(objectIdentifier('1.3.6.1.5.5.7.3.1'))), // extKeyUsage: serverAuth
      extension('2.5.29.17', false, sequence(...hostNames.map(encodeAlternativeName))),
    ],
  });
  return { certificate: certificate + authority.certificate, privateKey: exportPrivateKey(privateKey) };
}

interface CertificateRequest {
  readonly subject: string;
  readonly issuer: string;
  readonly publicKey: KeyObject;
  readonly issuerPublicKey: KeyObject;
  readonly issuerKey: KeyObject;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly extensions: readonly Buffer[];
}

function validFor(days: number): { notBefore: Date; notAfter: Date } {
  // One day in the past: a guest's clock may run behind its host's.
  const notBefore = new Date(Date.now() - DAY_MS);
  return { notBefore, notAfter: new Date(notBefore.getTime() + days * DAY_MS) };
}

/** PEM. The signature is SHA-256 with whatever kind of key the issuer has. */
export function signCertificate(request: CertificateRequest): string {
  const algorithm = request.issuerKey.asymmetricKeyType === 'rsa' ? RSA_WITH_SHA256 : ECDSA_WITH_SHA256;
  const issuerKeyId = keyIdentifier(request.issuerPublicKey);
  const body = sequence(
    tagged(0, positiveInteger(Buffer.from([2]))), // version 3
    positiveInteger(randomBytes(16)),
    algorithm,
    commonName(request.issuer),
    sequence(time(request.notBefore), time(request.notAfter)),
    commonName(request.subject),
    request.publicKey.export({ type: 'spki', format: 'der' }),
    tagged(
      3,
      sequence(
        ...request.extensions,
        extension('2.5.29.14', false, octetString(keyIdentifier(request.publicKey))),
        extension('2.5.29.35', false, sequence(taggedBytes(0, issuerKeyId))),
      ),
    ),
  );
  const signature = sign('sha256', body, request.issuerKey);
  const der = sequence(body, algorithm, bitString(signature));
  const lines = der.toString('base64').match(/.{1,64}/gu) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function commonName(name: string): Buffer {
  return sequence(setOf(sequence(objectIdentifier('2.5.4.3'), utf8String(name))));
}

function extension(oid: string, critical: boolean, value: Buffer): Buffer {
  return sequence(objectIdentifier(oid), ...(critical ? [booleanTrue()] : []), octetString(value));
}

function encodeAlternativeName(name: string): Buffer {
  return /^[\d.]+$/u.test(name)
    ? taggedBytes(7, Buffer.from(name.split('.').map(Number)))
    : taggedBytes(2, Buffer.from(name, 'latin1'));
}

function keyIdentifier(key: KeyObject): Buffer {
  return createHash('sha1')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest();
}

export function exportPrivateKey(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/**
 * Signatures of CMS (RFC 5652) over given bytes. Owns: whether the content is what the holder of the certificate's key
 * signed. Must not: say whom that certificate belongs to: it is not checked against any authority, nor its validity.
 */
import { constants, createHash, verify, X509Certificate, type KeyObject } from 'node:crypto';
import { cleanText } from '../mime/charset.js';
import { oidOf, parseBer, TAG, timeOf, type BerNode } from './ber.js';

export interface CertificateFacts {
  /** Distinguished name, parts joined by commas. As the certificate claims. */
  readonly subject: string;
  /** Out of the alternative names, else of the subject. */
  readonly email: string | null;
  readonly issuer: string;
  /** Hexadecimal, upper case. */
  readonly serialNumber: string;
  /** ISO 8601, UTC. */
  readonly notBefore: string | null;
  readonly notAfter: string | null;
}

export interface CmsSignature {
  /**
   * content-intact: the content is what the holder of this certificate's key signed. Who that is, is not checked.
   * content-changed: it is not. not-checked: see `because`.
   */
  readonly verified: 'content-intact' | 'content-changed' | 'not-checked';
  readonly because:
    'no-certificate' | 'no-content' | 'no-signer' | 'too-many-signers' | 'algorithm' | 'unreadable' | null;
  /** For example sha256. */
  readonly digest: string | null;
  /** As the signer claims; ISO 8601, UTC. */
  readonly signingTime: string | null;
  readonly signer: CertificateFacts | null;
}

const DIGESTS: Readonly<Record<string, string>> = {
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.4': 'sha224',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};

/** Signature algorithms that name no digest of their own are empty. MD5 is left out: it proves nothing. */
const SIGNATURES: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.1': '',
  '1.2.840.113549.1.1.5': 'sha1',
  '1.2.840.113549.1.1.14': 'sha224',
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
  '1.2.840.10045.2.1': '',
  '1.2.840.10045.4.1': 'sha1',
  '1.2.840.10045.4.3.1': 'sha224',
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
};
const PSS = '1.2.840.113549.1.1.10';
const MGF1 = '1.2.840.113549.1.1.8';
const ATTRIBUTE = { messageDigest: '1.2.840.113549.1.9.4', signingTime: '1.2.840.113549.1.9.5' };
const SUBJECT_KEY_ID = '2.5.29.14';
const MAX_CERTIFICATES = 50;

/** Facts of one SignerInfo (RFC 5652 section 5.3). Without content nothing is checked. */
export function checkSigner(
  signerInfo: BerNode,
  certificates: readonly BerNode[],
  content: Buffer | undefined,
): CmsSignature {
  const [, identifier, digestAlgorithm, ...rest] = signerInfo.children;
  const attributes = rest[0]?.tag === TAG.context0 ? rest.shift() : undefined;
  const [signatureAlgorithm, signature] = rest;
  const digest = DIGESTS[oidOf(digestAlgorithm?.children[0]) ?? ''];
  const certificate = findCertificate(identifier, certificates.slice(0, MAX_CERTIFICATES));
  const facts = {
    digest: digest ?? null,
    signingTime: timeOf(attribute(attributes, ATTRIBUTE.signingTime)) ?? null,
    signer: certificate === undefined ? null : certificateFacts(certificate),
  };
  const notChecked = (because: CmsSignature['because']): CmsSignature => ({
    verified: 'not-checked',
    because,
    ...facts,
  });
  if (signatureAlgorithm === undefined || signature === undefined) return notChecked('unreadable');
  if (content === undefined) return notChecked('no-content');
  if (certificate === undefined) return notChecked('no-certificate');
  const scheme = schemeOf(signatureAlgorithm, digest);
  if (digest === undefined || scheme === undefined) return notChecked('algorithm');
  const signed = signedBytes(attributes, content, digest);
  if (signed === undefined) return notChecked('unreadable');
  if (signed === 'changed') return { verified: 'content-changed', because: null, ...facts };
  try {
    const intact = verify(
      scheme.hash,
      signed,
      { key: certificate.publicKey, ...paddingOf(certificate.publicKey, scheme) },
      signature.content,
    );
    return { verified: intact ? 'content-intact' : 'content-changed', because: null, ...facts };
  } catch {
    return notChecked('algorithm'); // OpenSSL does not know the key or refuses the algorithm
  }
}

interface Scheme {
  readonly hash: string;
  /** Bytes of salt; undefined for signatures that are not PSS. */
  readonly salt: number | undefined;
}

function paddingOf(key: KeyObject, { salt }: Scheme): { padding?: number; saltLength?: number } {
  if (salt !== undefined) return { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: salt };
  return key.asymmetricKeyType === 'rsa' ? { padding: constants.RSA_PKCS1_PADDING } : {};
}

function schemeOf(algorithm: BerNode, digest: string | undefined): Scheme | undefined {
  const [id, parameters] = algorithm.children;
  const oid = oidOf(id) ?? '';
  if (oid === PSS) return pssScheme(parameters);
  const hash = SIGNATURES[oid];
  if (hash === undefined) return undefined;
  const effective = hash === '' ? digest : hash;
  return effective === undefined ? undefined : { hash: effective, salt: undefined };
}

/** RSASSA-PSS-params (RFC 8017 appendix A.2.3); what is left out means SHA-1 and 20 bytes. */
function pssScheme(parameters: BerNode | undefined): Scheme | undefined {
  const tagged = (tag: number): BerNode | undefined =>
    parameters?.children.find((one) => one.tag === tag)?.children[0];
  const hash = tagged(TAG.context0);
  const generator = tagged(TAG.context1);
  const salt = tagged(TAG.context2);
  const name = hash === undefined ? 'sha1' : DIGESTS[oidOf(hash.children[0]) ?? ''];
  const generatorName =
    generator === undefined ? 'sha1' : DIGESTS[oidOf(generator.children[1]?.children[0]) ?? ''];
  // Node takes one hash for both.
  if (name === undefined || name !== generatorName) return undefined;
  if (generator !== undefined && oidOf(generator.children[0]) !== MGF1) return undefined;
  const length =
    salt === undefined ? 20 : salt.content.length <= 2 ? salt.content.readUIntBE(0, salt.content.length) : -1;
  return length < 0 ? undefined : { hash: name, salt: length };
}

/** What the signature is over: the content, or the attributes that hold its digest (RFC 5652 section 5.4). */
function signedBytes(
  attributes: BerNode | undefined,
  content: Buffer,
  digest: string,
): Buffer | 'changed' | undefined {
  if (attributes === undefined) return content;
  const stated = attribute(attributes, ATTRIBUTE.messageDigest);
  if (stated?.tag !== TAG.octetString || !attributes.definite) return undefined;
  if (!createHash(digest).update(content).digest().equals(stated.content)) return 'changed';
  const set = Buffer.from(attributes.whole);
  set[0] = 0x31; // signed as a SET, sent as [0]
  return set;
}

function attribute(attributes: BerNode | undefined, oid: string): BerNode | undefined {
  return attributes?.children.find((one) => oidOf(one.children[0]) === oid)?.children[1]?.children[0];
}

function findCertificate(
  identifier: BerNode | undefined,
  certificates: readonly BerNode[],
): X509Certificate | undefined {
  const found = certificates.find((certificate) => identifier !== undefined && isOf(certificate, identifier));
  if (found === undefined) return undefined;
  try {
    return new X509Certificate(found.whole);
  } catch {
    return undefined; // OpenSSL cannot read it
  }
}

/** By issuer and serial number, or by the key's id (RFC 5652 section 5.3). */
function isOf(certificate: BerNode, identifier: BerNode): boolean {
  const fields = certificate.children[0]?.children ?? [];
  const [serial, , issuer] = fields[0]?.tag === TAG.context0 ? fields.slice(1) : fields;
  if (identifier.tag === TAG.sequence) {
    const [wantedIssuer, wantedSerial] = identifier.children;
    return (
      serial !== undefined &&
      issuer !== undefined &&
      wantedIssuer?.whole.equals(issuer.whole) === true &&
      wantedSerial?.content.equals(serial.content) === true
    );
  }
  const extensions = fields.find((field) => field.tag === TAG.context3)?.children[0]?.children ?? [];
  const keyId = extensions.find((extension) => oidOf(extension.children[0]) === SUBJECT_KEY_ID);
  const value = keyId?.children.at(-1);
  const inner = value === undefined ? undefined : parseBer(value.content);
  return identifier.tag === TAG.context0 && inner?.content.equals(identifier.content) === true;
}

const MAX_NAME = 1000;

function certificateFacts(certificate: X509Certificate): CertificateFacts {
  const name = (value: string | undefined): string =>
    cleanText((value ?? '').slice(0, MAX_NAME))
      .split('\n')
      .join(', ');
  const subject = name(certificate.subject);
  const email =
    /(?:^|, )email:([^\s,"]{1,320})/u.exec((certificate.subjectAltName ?? '').slice(0, 10_000))?.[1] ??
    /(?:^|, )emailAddress=([^\s,]{1,320})/u.exec(subject)?.[1];
  return {
    subject,
    email: email === undefined ? null : cleanText(email),
    issuer: name(certificate.issuer),
    serialNumber: certificate.serialNumber.slice(0, 100),
    notBefore: instant(certificate.validFrom),
    notAfter: instant(certificate.validTo),
  };
}

function instant(text: string): string | null {
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}

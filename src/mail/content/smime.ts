/**
 * S/MIME (RFC 8551): what an application/pkcs7-mime part holds, unwrapped where that needs no key. Owns: telling signed,
 * encrypted and compressed apart, and what of a signature was checked. Must not: claim trust in anybody's certificate.
 */
import { inflateSync } from 'node:zlib';
import { oidOf, octetsOf, parseBer, TAG, type BerNode } from './ber.js';
import { checkSigner, type CmsSignature } from './cms-signature.js';
import { Warnings, type ContentWarning } from './warnings.js';

export interface SmimeSignature extends CmsSignature {
  /** Around the content, or a part beside it. */
  readonly kind: 'opaque' | 'detached';
  readonly signers: number;
}

export interface SmimeContent {
  /** `certificates`: no content and no signature, only certificates. */
  readonly kind: 'signed' | 'encrypted' | 'compressed' | 'certificates' | 'unknown';
  /** The MIME entity inside, header and body; null where a key would be needed, and where it cannot be read. */
  readonly entity: Buffer | null;
  /** Of signed content. With several signers, the one that fared worst. */
  readonly signature: SmimeSignature | null;
  readonly warnings: readonly ContentWarning[];
}

const OID = {
  data: '1.2.840.113549.1.7.1',
  signedData: '1.2.840.113549.1.7.2',
  compressedData: '1.2.840.113549.1.9.16.1.9',
  zlib: '1.2.840.113549.1.9.16.3.8',
};
/** Enveloped, signed and enveloped, encrypted, authenticated and enveloped. */
const ENCRYPTED = new Set([
  '1.2.840.113549.1.7.3',
  '1.2.840.113549.1.7.4',
  '1.2.840.113549.1.7.6',
  '1.2.840.113549.1.9.16.1.23',
]);

/** Larger content is not unwrapped: it is held in memory, and compressed content may claim any size. */
const MAX_CONTENT = 64 * 1024 * 1024;
const MAX_SIGNERS = 10;

/** What an application/pkcs7-mime part holds. */
export function readSmime(bytes: Buffer): SmimeContent {
  const warnings = new Warnings();
  const { kind, entity, signature } = unwrap(bytes, warnings);
  return { kind, entity: entity ?? null, signature: signature ?? null, warnings: warnings.list };
}

/**
 * The signature part of multipart/signed (application/pkcs7-signature) over the first part as it was sent, header and
 * body without the line break before the boundary. Without the content the signer is told and nothing is checked.
 */
export function readDetachedSignature(
  bytes: Buffer,
  content?: Buffer,
): { readonly signature: SmimeSignature | null; readonly warnings: readonly ContentWarning[] } {
  const warnings = new Warnings();
  const signed = contentInfo(bytes);
  if (signed?.type !== OID.signedData) {
    warnings.add('smime-unreadable');
    return { signature: null, warnings: warnings.list };
  }
  const asSent = signatureOf(signed.content, content, 'detached', warnings);
  if (asSent.verified !== 'content-changed' || content === undefined)
    return { signature: asSent, warnings: warnings.list };
  // Signed with CRLF (RFC 8551 section 3.1.1); stores keep LF.
  const canonical = Buffer.from(content.toString('latin1').replace(/\r?\n/gu, '\r\n'), 'latin1');
  return { signature: signatureOf(signed.content, canonical, 'detached', warnings), warnings: warnings.list };
}

interface Unwrapped {
  readonly kind: SmimeContent['kind'];
  readonly entity?: Buffer | undefined;
  readonly signature?: SmimeSignature | undefined;
}

function unwrap(bytes: Buffer, warnings: Warnings): Unwrapped {
  const info = contentInfo(bytes);
  if (info === undefined) {
    warnings.add('smime-unreadable');
    return { kind: 'unknown' };
  }
  if (info.type === OID.signedData) return unwrapSigned(info.content, warnings);
  if (info.type === OID.compressedData)
    return { kind: 'compressed', entity: inflated(info.content, warnings) };
  if (ENCRYPTED.has(info.type)) {
    warnings.add('smime-encrypted');
    return { kind: 'encrypted' };
  }
  warnings.add('smime-unknown', info.type);
  return { kind: 'unknown' };
}

/** Type and content of the outermost structure (RFC 5652 section 3). */
function contentInfo(bytes: Buffer): { type: string; content: BerNode } | undefined {
  const node = parseBer(bytes[0] === 0x30 ? bytes : fromText(bytes));
  const type = oidOf(node?.children[0]);
  const content = node?.children[1]?.children[0];
  return node?.tag !== TAG.sequence || type === undefined || content === undefined
    ? undefined
    : { type, content };
}

/** Some programs send the text form, with or without its BEGIN and END lines. */
function fromText(bytes: Buffer): Buffer {
  const text = bytes.toString('latin1');
  const lines = text.split(/\r?\n/u).filter((line) => !line.startsWith('-----'));
  return Buffer.from(lines.join(''), 'base64');
}

function unwrapSigned(signedData: BerNode, warnings: Warnings): Unwrapped {
  const wrapped = encapsulated(signedData.children[2]);
  if (wrapped === undefined) {
    if (signers(signedData).length === 0) return { kind: 'certificates' };
    warnings.add('smime-without-content');
    return { kind: 'signed', signature: signatureOf(signedData, undefined, 'opaque', warnings) };
  }
  const entity = octetsOf(wrapped, MAX_CONTENT);
  if (entity === undefined) warnings.add('smime-too-large', wrapped.content.length);
  return { kind: 'signed', entity, signature: signatureOf(signedData, entity, 'opaque', warnings) };
}

/** The octet string of EncapsulatedContentInfo (RFC 5652 section 5.2). */
function encapsulated(node: BerNode | undefined): BerNode | undefined {
  const content = node?.children[1]?.children[0];
  return content?.tag === TAG.octetString ? content : undefined;
}

/** CompressedData (RFC 3274). */
function inflated(compressedData: BerNode, warnings: Warnings): Buffer | undefined {
  const wrapped = encapsulated(compressedData.children[2]);
  const bytes = wrapped === undefined ? undefined : octetsOf(wrapped, MAX_CONTENT);
  if (bytes === undefined || oidOf(compressedData.children[1]?.children[0]) !== OID.zlib) {
    warnings.add('smime-unreadable');
    return undefined;
  }
  try {
    return inflateSync(bytes, { maxOutputLength: MAX_CONTENT });
  } catch (error) {
    const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
    const tooLarge = code === 'ERR_BUFFER_TOO_LARGE';
    warnings.add(tooLarge ? 'smime-too-large' : 'smime-unreadable');
    return undefined;
  }
}

const signers = (signedData: BerNode): readonly BerNode[] =>
  signedData.children.findLast((node, index) => index > 2 && node.tag === TAG.set)?.children ?? [];

const RANK = { 'content-changed': 0, 'not-checked': 1, 'content-intact': 2 } as const;

function signatureOf(
  signedData: BerNode,
  content: Buffer | undefined,
  kind: SmimeSignature['kind'],
  warnings: Warnings,
): SmimeSignature {
  const found = signers(signedData);
  const certificates =
    signedData.children.find((node, index) => index > 2 && node.tag === TAG.context0)?.children ?? [];
  if (found.length > MAX_SIGNERS) warnings.add('smime-too-many-signers', found.length);
  const states = found
    .slice(0, MAX_SIGNERS)
    .map((signer) => checkSigner(signer, certificates, content))
    .sort((one, other) => RANK[one.verified] - RANK[other.verified]);
  const worst = states[0] ?? {
    verified: 'not-checked',
    because: 'no-signer',
    digest: null,
    signingTime: null,
    signer: null,
  };
  // Those beyond the limit were not looked at.
  if (found.length > MAX_SIGNERS && worst.verified === 'content-intact')
    return { kind, signers: found.length, ...worst, verified: 'not-checked', because: 'too-many-signers' };
  return { kind, signers: found.length, ...worst };
}

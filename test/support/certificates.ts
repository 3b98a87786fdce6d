/**
 * Certificates and keys in the forms that people have them in, made by OpenSSL while the test runs: what the product
 * reads must not have been written by the libraries it reads with. Needs `openssl` (3.0 or later) on the path.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface CertificateAndKey {
  /** PEM */
  readonly certificate: string;
  /** PEM (PKCS #8), not encrypted. */
  readonly privateKey: string;
}

/** How a PFX file is protected: as OpenSSL 3 and Windows 10 do it, as everything older does, or not at all. */
export type PfxStyle = 'aes' | '3des' | 'rc2' | 'plain';

const PROTECTION: Readonly<Record<PfxStyle, readonly string[]>> = {
  aes: ['-certpbe', 'AES-256-CBC', '-keypbe', 'AES-256-CBC', '-macalg', 'sha256'],
  '3des': ['-certpbe', 'PBE-SHA1-3DES', '-keypbe', 'PBE-SHA1-3DES', '-macalg', 'sha1'],
  // What Windows Server 2012 exports: the certificate under 40 bits of RC2.
  rc2: ['-legacy', '-certpbe', 'PBE-SHA1-RC2-40', '-keypbe', 'PBE-SHA1-3DES', '-macalg', 'sha1'],
  plain: ['-certpbe', 'NONE', '-keypbe', 'NONE', '-nomac'],
};

/** Runs OpenSSL on files of the given contents; "$name" in an argument stands for a file's path. */
function openssl(args: readonly string[], files: Readonly<Record<string, string>> = {}): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'certificates-'));
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    const resolved = args.map((one) => (one.startsWith('$') ? join(folder, one.slice(1)) : one));
    const printed = execFileSync('openssl', resolved, { stdio: ['ignore', 'pipe', 'pipe'] });
    return args.includes('$out') ? readFileSync(join(folder, 'out')) : printed;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A self-signed certificate, valid for a year from now; with subject alternative names when host names are given. */
export function makeCertificate(
  subject: string,
  options: { readonly key?: 'rsa' | 'ec'; readonly hostNames?: readonly string[] } = {},
): CertificateAndKey {
  const kind =
    options.key === 'ec'
      ? ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256']
      : ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'];
  const privateKey = openssl(['genpkey', ...kind]).toString();
  const names = (options.hostNames ?? []).map((name) => `DNS:${name}`).join(',');
  const certificate = openssl(
    [
      ...['req', '-x509', '-new', '-key', '$key', '-days', '365', '-subj', `/CN=${subject}`],
      ...(names === '' ? [] : ['-addext', `subjectAltName=${names}`]),
    ],
    { key: privateKey },
  ).toString();
  return { certificate, privateKey };
}

/** "BEGIN RSA PRIVATE KEY" */
export function asPkcs1(privateKey: string): string {
  return openssl(['rsa', '-in', '$key', '-traditional'], { key: privateKey }).toString();
}

/** "BEGIN ENCRYPTED PRIVATE KEY" */
export function encrypted(privateKey: string, password: string): string {
  const protection = ['-topk8', '-v2', 'aes-256-cbc', '-passout', `pass:${password}`];
  return openssl(['pkcs8', '-in', '$key', ...protection], { key: privateKey }).toString();
}

/** "BEGIN RSA PRIVATE KEY" with "Proc-Type: 4,ENCRYPTED", as OpenSSL 1.0 and PuTTYgen write it. */
export function encryptedPkcs1(privateKey: string, password: string): string {
  const protection = ['-traditional', '-aes256', '-passout', `pass:${password}`];
  return openssl(['rsa', '-in', '$key', ...protection], { key: privateKey }).toString();
}

/** A PFX (PKCS #12) file in base64, the chain's certificates beside the one of the key. */
export function asPfx(
  { certificate, privateKey }: CertificateAndKey,
  options: { readonly style: PfxStyle; readonly password?: string; readonly chain?: readonly string[] },
): string {
  const chain = options.chain ?? [];
  return openssl(
    [
      ...['pkcs12', '-export', '-in', '$certificate', '-inkey', '$key', '-out', '$out'],
      ...['-passout', `pass:${options.password ?? ''}`],
      ...PROTECTION[options.style],
      ...(chain.length === 0 ? [] : ['-certfile', '$chain']),
    ],
    { certificate, key: privateKey, chain: chain.join('') },
  ).toString('base64');
}

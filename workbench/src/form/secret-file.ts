/** What a secret file's content is, by its outline. Owns: recognising and reading it. Must not: judge a certificate. */

export type SecretFileKind = 'pem' | 'pem-without-key' | 'pem-without-certificate' | 'pfx' | 'unknown';

/** Base64 of a DER sequence with a two-byte length, with which every PKCS #12 file begins. */
const PFX = /^MI[A-Za-z0-9+/=\s]+$/u;

export function kindOf(content: string): SecretFileKind {
  if (content.includes('-----BEGIN ')) {
    if (!content.includes('-----BEGIN CERTIFICATE-----')) return 'pem-without-certificate';
    return /-----BEGIN [A-Z ]*PRIVATE KEY-----/u.test(content) ? 'pem' : 'pem-without-key';
  }
  return PFX.test(content.trim()) ? 'pfx' : 'unknown';
}

function base64Of(bytes: Uint8Array): string {
  // In slices: a call takes only so many arguments.
  const slices: string[] = [];
  for (let at = 0; at < bytes.length; at += 8192) {
    slices.push(String.fromCharCode(...bytes.subarray(at, at + 8192)));
  }
  return btoa(slices.join(''));
}

/** The content of the chosen files: PEM files as one text, since certificate and key often come apart; others as base64. */
export async function contentOf(files: readonly File[]): Promise<string> {
  const read = await Promise.all(
    files.map(async (file) => {
      const bytes = new Uint8Array(await file.arrayBuffer());
      const text = new TextDecoder().decode(bytes);
      const isText = text.includes('-----BEGIN ') || PFX.test(text.trim());
      return isText ? text.trim() : base64Of(bytes);
    }),
  );
  return read.join('\n');
}

/**
 * PFX (PKCS #12) → PEM. Node can use such a file for TLS, yet gives no way to its key; hence the library, which is
 * loaded only when somebody brings a PFX.
 */
import { Failure } from '../../errors/index.js';

/** What a browser reads a file into begins with this. */
const DATA_ADDRESS = /^\s*data:[^,]*,/u;

/** @throws Failure certificate-unusable */
export async function pfxToPem(base64: string, password = ''): Promise<string> {
  const { default: forge } = await import('node-forge');
  const { oids } = forge.pki;
  const parse = () => {
    const bytes = Buffer.from(base64.replace(DATA_ADDRESS, ''), 'base64');
    return forge.asn1.fromDer(bytes.toString('binary'));
  };
  const open = (): ReturnType<typeof forge.pkcs12.pkcs12FromAsn1> => {
    try {
      return forge.pkcs12.pkcs12FromAsn1(parse(), password);
    } catch (error) {
      // The MAC takes the password in UTF-16, AES in UTF-8, the library both as it gets it: so once more without MAC.
      const utf8 = Buffer.from(password).toString('binary');
      const file = parse();
      if (utf8 === password || !Array.isArray(file.value)) throw error;
      file.value.length = Math.min(file.value.length, 2);
      return forge.pkcs12.pkcs12FromAsn1(file, utf8);
    }
  };
  let store: ReturnType<typeof open>;
  try {
    parse();
  } catch (cause) {
    throw new Failure('certificate-unusable', { parameters: { reason: 'not-readable' }, cause });
  }
  try {
    store = open();
  } catch (cause) {
    const reason = /MAC|password|decrypt/iu.test(String(cause)) ? 'wrong-password' : 'not-readable';
    throw new Failure('certificate-unusable', { parameters: { reason }, cause });
  }
  const bagsOf = (type: string | undefined) =>
    type === undefined ? [] : (store.getBags({ bagType: type })[type] ?? []);
  const pem = (label: string, asn1Value: Parameters<typeof forge.asn1.toDer>[0]): string => {
    const base64 = Buffer.from(forge.asn1.toDer(asn1Value).getBytes(), 'binary').toString('base64');
    return `-----BEGIN ${label}-----\n${base64}\n-----END ${label}-----\n`;
  };
  // The library knows RSA only and leaves every other key and certificate as it found it: the caller says what is wrong.
  const keys = [...bagsOf(oids['pkcs8ShroudedKeyBag']), ...bagsOf(oids['keyBag'])].map(({ key, asn1 }) =>
    key ? forge.pki.privateKeyToPem(key) : pem('PRIVATE KEY', asn1),
  );
  const certificates = bagsOf(oids['certBag']).map(({ cert, asn1 }) =>
    cert ? forge.pki.certificateToPem(cert) : pem('CERTIFICATE', asn1),
  );
  return [...certificates, ...keys].join('\n');
}

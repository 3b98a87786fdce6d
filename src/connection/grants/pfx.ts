/**
 * PFX (PKCS #12) → PEM. Node can use such a file for TLS, yet gives no way to its key; hence the library, which is
 * loaded only when somebody brings a PFX.
 */
import { Failure } from '../../errors/index.js';

/** @throws Failure certificate-unusable */
export async function pfxToPem(base64: string, password = ''): Promise<string> {
  const { default: forge } = await import('node-forge');
  const { oids } = forge.pki;
  let store: InstanceType<typeof Object> & ReturnType<typeof forge.pkcs12.pkcs12FromAsn1>;
  let asn1: ReturnType<typeof forge.asn1.fromDer>;
  try {
    asn1 = forge.asn1.fromDer(Buffer.from(base64, 'base64').toString('binary'));
  } catch (cause) {
    throw new Failure('certificate-unusable', { parameters: { reason: 'not-readable' }, cause });
  }
  try {
    store = forge.pkcs12.pkcs12FromAsn1(asn1, password);
  } catch (cause) {
    const reason = /MAC|password|decrypt/iu.test(String(cause)) ? 'wrong-password' : 'not-readable';
    throw new Failure('certificate-unusable', { parameters: { reason }, cause });
  }
  const bagsOf = (type: string | undefined) =>
    type === undefined ? [] : (store.getBags({ bagType: type })[type] ?? []);
  const key = [...bagsOf(oids['pkcs8ShroudedKeyBag']), ...bagsOf(oids['keyBag'])].find(
    (bag) => bag.key !== undefined,
  )?.key;
  const certificates = bagsOf(oids['certBag']).flatMap(({ cert }) =>
    cert === undefined ? [] : [forge.pki.certificateToPem(cert)],
  );
  return [...certificates, key === undefined ? '' : forge.pki.privateKeyToPem(key)].join('\n');
}

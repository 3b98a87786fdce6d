/**
 * A certificate with its key in every form that people have it in is read, or its defect named before anything is sent.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { readCertificate } from '../../src/connection/grants/index.js';
import {
  asPfx,
  asPkcs1,
  encrypted,
  encryptedPkcs1,
  makeCertificate,
  type CertificateAndKey,
} from '../support/certificates.js';

const PASSWORD = 'Kein guter Ort: "ä"?';
let own: CertificateAndKey;
let foreign: CertificateAndKey;
let onCurve: CertificateAndKey;
beforeAll(() => {
  own = makeCertificate('connector');
  foreign = makeCertificate('some authority');
  onCurve = makeCertificate('connector', { key: 'ec' });
});

const oneLine = (text: string): string => text.replace(/\r?\n/gu, ' ');
const expectOwn = async (text: string, password?: string): Promise<void> => {
  const read = await readCertificate(text, password);
  const fingerprint = new X509Certificate(own.certificate).fingerprint256.replaceAll(':', '');
  expect(read.thumbprintSha256).toBe(fingerprint);
  expect(createPrivateKey(read.privateKey).equals(createPrivateKey(own.privateKey))).toBe(true);
  expect(read.subject).toBe('CN=connector');
};
const reasonOf = async (text: string, password?: string): Promise<unknown> => {
  const failure = await readCertificate(text, password).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'certificate-unusable' });
  // Key material must not travel in what is shown or logged.
  expect(JSON.stringify(failure)).not.toMatch(/MII|PRIVATE KEY|guter Ort/u);
  return (failure as { facts: { parameters: Record<string, unknown> } }).facts.parameters['reason'];
};

describe('as PEM', () => {
  const forms: readonly (readonly [string, () => string, string?])[] = [
    ['certificate first', () => own.certificate + own.privateKey],
    ['key first', () => own.privateKey + own.certificate],
    ['PKCS #1', () => own.certificate + asPkcs1(own.privateKey)],
    ['Windows line ends', () => (own.certificate + own.privateKey).replaceAll('\n', '\r\n')],
    ['line ends collapsed to blanks', () => oneLine(own.certificate + own.privateKey)],
    ['PKCS #1, line ends collapsed', () => oneLine(asPkcs1(own.privateKey) + own.certificate)],
    ['line ends lost', () => (own.certificate + own.privateKey).replaceAll('\n', '')],
    ['escaped line ends, as in JSON', () => (own.certificate + own.privateKey).replaceAll('\n', '\\n')],
    [
      'words around the blocks',
      () => `Bag Attributes\n  friendlyName: x\n${own.privateKey}\nsubject=x\n${own.certificate}`,
    ],
    ['a chain that leads from it', () => own.certificate + foreign.certificate + own.privateKey],
    ['a chain in the wrong order', () => own.privateKey + foreign.certificate + own.certificate],
    ['an unused password', () => own.certificate + own.privateKey, PASSWORD],
    ['an encrypted key', () => own.certificate + encrypted(own.privateKey, PASSWORD), PASSWORD],
    [
      'an encrypted key, one line',
      () => oneLine(own.certificate + encrypted(own.privateKey, PASSWORD)),
      PASSWORD,
    ],
    ['an encrypted key of old', () => own.certificate + encryptedPkcs1(own.privateKey, PASSWORD), PASSWORD],
    [
      'an encrypted key of old, one line',
      () => oneLine(own.certificate + encryptedPkcs1(own.privateKey, PASSWORD)),
      PASSWORD,
    ],
  ];
  test.each(forms)('%s', async (_form, text, ...[password]) => {
    await expectOwn(text(), password);
  });
});

describe('as PFX', () => {
  const forms: readonly (readonly [string, () => string, string?])[] = [
    ['AES with a password', () => asPfx(own, { style: 'aes', password: 'pass' }), 'pass'],
    ['AES, a password with umlauts', () => asPfx(own, { style: 'aes', password: PASSWORD }), PASSWORD],
    ['AES without a password', () => asPfx(own, { style: 'aes' })],
    ['Triple DES with a password', () => asPfx(own, { style: '3des', password: 'pass' }), 'pass'],
    [
      'Triple DES, a password with umlauts',
      () => asPfx(own, { style: '3des', password: PASSWORD }),
      PASSWORD,
    ],
    ['Triple DES without a password', () => asPfx(own, { style: '3des' })],
    ['RC2 with a password', () => asPfx(own, { style: 'rc2', password: 'pass' }), 'pass'],
    ['unprotected', () => asPfx(own, { style: 'plain' })],
    [
      'with a chain',
      () => asPfx(own, { style: 'aes', password: 'pass', chain: [foreign.certificate] }),
      'pass',
    ],
    [
      'with a chain on a curve',
      () => asPfx(own, { style: 'aes', password: 'pass', chain: [onCurve.certificate] }),
      'pass',
    ],
    [
      'in lines of 64',
      () => asPfx(own, { style: 'aes', password: 'pass' }).replace(/.{64}/gu, '$&\r\n'),
      'pass',
    ],
    [
      'in base64url',
      () => Buffer.from(asPfx(own, { style: 'aes', password: 'pass' }), 'base64').toString('base64url'),
      'pass',
    ],
    [
      'as a data address',
      () => `data:application/x-pkcs12;base64,${asPfx(own, { style: 'aes', password: 'pass' })}`,
      'pass',
    ],
  ];
  test.each(forms)('%s', async (_form, text, ...[password]) => {
    await expectOwn(text(), password);
  });
});

describe('what cannot serve is named', () => {
  const defects: readonly (readonly [string, () => string, string | undefined, string])[] = [
    ['nonsense', () => 'nonsense', undefined, 'not-readable'],
    [
      'a certificate in base64 alone',
      () => own.certificate.replace(/-----[^-]+-----/gu, ''),
      undefined,
      'not-readable',
    ],
    ['a certificate alone', () => own.certificate, undefined, 'no-private-key'],
    ['a key alone', () => own.privateKey, undefined, 'no-certificate'],
    [
      'a certificate cut off',
      () => own.certificate.replace(/\n.+\n.+\n-----END/u, '\n-----END') + own.privateKey,
      undefined,
      'not-readable',
    ],
    ['a key that belongs to another', () => own.certificate + foreign.privateKey, undefined, 'keys-differ'],
    ['a key on a curve', () => onCurve.certificate + onCurve.privateKey, undefined, 'not-rsa'],
    ['a key on a curve, PFX', () => asPfx(onCurve, { style: 'aes', password: 'p' }), 'p', 'not-rsa'],
    [
      'an encrypted key without its password',
      () => own.certificate + encrypted(own.privateKey, PASSWORD),
      undefined,
      'wrong-password',
    ],
    [
      'an encrypted key, wrong password',
      () => own.certificate + encrypted(own.privateKey, PASSWORD),
      'x',
      'wrong-password',
    ],
    [
      'an encrypted key of old, wrong password',
      () => own.certificate + encryptedPkcs1(own.privateKey, PASSWORD),
      'x',
      'wrong-password',
    ],
    ['PFX, wrong password', () => asPfx(own, { style: 'aes', password: PASSWORD }), 'x', 'wrong-password'],
    [
      'PFX without its password',
      () => asPfx(own, { style: 'aes', password: PASSWORD }),
      undefined,
      'wrong-password',
    ],
    [
      'old PFX, wrong password',
      () => asPfx(own, { style: '3des', password: PASSWORD }),
      'x',
      'wrong-password',
    ],
    ['PFX cut off', () => asPfx(own, { style: 'aes', password: 'p' }).slice(0, 1000), 'p', 'not-readable'],
  ];
  test.each(defects)('%s', async (_defect, text, password, reason) => {
    expect(await reasonOf(text(), password)).toBe(reason);
  });
});

/** S/MIME that another program made is unwrapped where that needs no key, and what is said of its signature is true. */
import { readFileSync } from 'node:fs';
import { deflateSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { parseBer } from '../../../src/mail/content/ber.js';
import { readDetachedSignature, readSmime } from '../../../src/mail/content/smime.js';
import { noise, source } from '../../support/messages.js';
import { badStrings, damaged } from './support/hostile.js';

const fixtures = JSON.parse(
  readFileSync(new URL('../../fixtures/smime/openssl.json', import.meta.url), 'utf8'),
) as Record<string, string>;
const fixture = (name: string): Buffer => Buffer.from(fixtures[name] ?? '', 'base64');

/** What all fixtures hold. */
const ENTITY = source(
  'Content-Type: multipart/mixed; boundary="b"',
  '',
  '--b',
  'Content-Type: text/plain; charset=utf-8',
  '',
  'Signed text.',
  '--b',
  'Content-Type: application/pdf; name=a.pdf',
  'Content-Disposition: attachment; filename=a.pdf',
  'Content-Transfer-Encoding: base64',
  '',
  'JVBERi0xLjQ=',
  '--b--',
);

function der(tag: number, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const length = Buffer.alloc(5);
  length[0] = 0x84;
  length.writeUInt32BE(body.length, 1);
  return Buffer.concat([Buffer.from([tag]), length, body]);
}
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));

/** CompressedData (RFC 3274); this OpenSSL has no zlib. */
const compressed = (content: Buffer): Buffer =>
  der(
    0x30,
    oid('2a864886f70d0109100109'),
    der(
      0xa0,
      der(
        0x30,
        der(0x02, Buffer.from([0])),
        der(0x30, oid('2a864886f70d0109100308')),
        der(0x30, oid('2a864886f70d010701'), der(0xa0, der(0x04, deflateSync(content)))),
      ),
    ),
  );

describe('opaque signatures', () => {
  test.each([
    ['opaque-rsa', 'sha256'],
    ['opaque-stream', 'sha512'],
    ['opaque-ec', 'sha256'],
    ['opaque-pss', 'sha256'],
    ['opaque-noattr', 'sha256'],
    ['two', 'sha256'],
  ])('%s is unwrapped, and its content is intact', (name, digest) => {
    const { kind, entity, signature, warnings } = readSmime(fixture(name));
    expect({ kind, warnings, entity: entity?.toString() }).toEqual({
      kind: 'signed',
      warnings: [],
      entity: ENTITY.toString(),
    });
    expect(signature).toMatchObject({
      kind: 'opaque',
      signers: name === 'two' ? 2 : 1,
      verified: 'content-intact',
      because: null,
      digest,
      signer: {
        subject: 'C=DE, O=Fabrikam, CN=Ännä Signer, emailAddress=anna@fabrikam.example',
        email: 'anna@fabrikam.example',
        issuer: 'C=DE, O=Fabrikam, CN=Ännä Signer, emailAddress=anna@fabrikam.example',
        serialNumber: expect.stringMatching(/^[\dA-F]{30,40}$/u),
        notAfter: expect.stringMatching(/^2126-/u),
      },
    });
    if (name !== 'opaque-noattr') expect(signature?.signingTime).toMatch(/^2026-11-23T05:34:/u);
  });

  test.each(['opaque-rsa', 'opaque-stream', 'opaque-ec', 'opaque-pss', 'opaque-noattr', 'two'])(
    '%s with other content is found out',
    (name) => {
      const bytes = fixture(name);
      const at = bytes.indexOf('Signed text.');
      bytes.write('Forged text.', at);
      const { entity, signature } = readSmime(bytes);
      expect(entity?.includes('Forged text.')).toBe(true);
      expect(signature).toMatchObject({ verified: 'content-changed', because: null });
    },
  );

  test('other attributes, or another signature, are found out', () => {
    const time = fixture('opaque-rsa');
    // The signing time stands behind its identifier, 1.2.840.113549.1.9.5.
    const at = time.indexOf(Buffer.from('2a864886f70d010905', 'hex')) + 13;
    time.write('300101000000Z', at, 'latin1');
    expect(readSmime(time).signature).toMatchObject({ verified: 'content-changed' });
    const last = fixture('opaque-rsa');
    last[last.length - 1] = (last.at(-1) ?? 0) ^ 1;
    expect(readSmime(last).signature).toMatchObject({ verified: 'content-changed' });
  });

  test('without a certificate nothing is claimed', () => {
    const { entity, signature } = readSmime(fixture('opaque-nocerts'));
    expect(entity?.equals(ENTITY)).toBe(true);
    expect(signature).toMatchObject({ verified: 'not-checked', because: 'no-certificate', signer: null });
  });

  test('an unknown digest is not checked', () => {
    const bytes = fixture('opaque-rsa');
    const sha256 = Buffer.from('608648016503040201', 'hex');
    // The last of them is the one that the signer names.
    bytes.write('608648016503040277', bytes.lastIndexOf(sha256), 'hex');
    expect(readSmime(bytes).signature).toMatchObject({ verified: 'not-checked', because: 'algorithm' });
  });

  test('in the text form too', () => {
    const text = `-----BEGIN CMS-----\n${fixtures['opaque-rsa']?.replace(/.{64}/gu, '$&\n') ?? ''}\n-----END CMS-----\n`;
    expect(readSmime(Buffer.from(text)).entity?.equals(ENTITY)).toBe(true);
  });
});

describe('detached signatures', () => {
  test.each(['detached', 'detached-sha1'])('%s over the content', (name) => {
    expect(readDetachedSignature(fixture(name), ENTITY).signature).toMatchObject({
      kind: 'detached',
      verified: 'content-intact',
      signer: { email: 'anna@fabrikam.example' },
    });
  });

  test('line ends do not matter, the text does', () => {
    const linefeeds = Buffer.from(ENTITY.toString().replaceAll('\r\n', '\n'));
    expect(readDetachedSignature(fixture('detached'), linefeeds).signature?.verified).toBe('content-intact');
    const changed = Buffer.from(ENTITY.toString().replace('Signed', 'Forged'));
    expect(readDetachedSignature(fixture('detached'), changed).signature?.verified).toBe('content-changed');
  });

  test('without the content nothing is claimed', () => {
    expect(readDetachedSignature(fixture('detached')).signature).toMatchObject({
      verified: 'not-checked',
      because: 'no-content',
      signer: { email: 'anna@fabrikam.example' },
    });
    expect(readSmime(fixture('detached'))).toMatchObject({
      kind: 'signed',
      entity: null,
      warnings: [{ code: 'smime-without-content' }],
    });
  });
});

test.each(['enveloped', 'authenveloped'])('%s is said to be encrypted and left', (name) => {
  expect(readSmime(fixture(name))).toEqual({
    kind: 'encrypted',
    entity: null,
    signature: null,
    warnings: [{ code: 'smime-encrypted' }],
  });
});

describe('compressed', () => {
  test('content is unwrapped', () => {
    expect(readSmime(compressed(ENTITY))).toEqual({
      kind: 'compressed',
      entity: ENTITY,
      signature: null,
      warnings: [],
    });
  });

  test('content that swells beyond 64 MiB is refused', () => {
    const bomb = readSmime(compressed(Buffer.alloc(64 * 1024 * 1024 + 1)));
    expect(bomb).toMatchObject({ entity: null, warnings: [{ code: 'smime-too-large' }] });
  });
});

describe('hostile', () => {
  test('what is none is said to be none', () => {
    for (const bytes of [Buffer.alloc(0), Buffer.from('hello'), noise(1000), Buffer.from([0x30, 0x80])]) {
      expect(readSmime(bytes)).toEqual({
        kind: 'unknown',
        entity: null,
        signature: null,
        warnings: [{ code: 'smime-unreadable' }],
      });
      expect(readDetachedSignature(bytes, ENTITY).signature).toBeNull();
    }
  });

  test('nesting, numbers of nodes and lengths are bounded', () => {
    expect(parseBer(Buffer.from('3080'.repeat(100_000), 'hex'))).toBeUndefined();
    expect(parseBer(der(0x30, Buffer.from('0500'.repeat(300_000), 'hex')))).toBeUndefined();
    expect(parseBer(Buffer.from('3084ffffffff', 'hex'))).toBeUndefined();
    expect(parseBer(Buffer.from('30ffffffffffffffffff', 'hex'))).toBeUndefined();
  });

  test('damaged ones never throw, and none of them is called intact', () => {
    for (const name of ['opaque-rsa', 'opaque-stream', 'opaque-pss', 'two', 'enveloped'])
      for (const bytes of damaged(fixture(name), 300)) {
        const content = readSmime(bytes);
        expect(badStrings(content)).toEqual([]);
        if (content.signature?.verified === 'content-intact')
          expect(content.entity?.toString()).toBe(ENTITY.toString());
        const detached = readDetachedSignature(bytes, noise(100));
        expect(detached.signature?.verified).not.toBe('content-intact');
      }
  });
});

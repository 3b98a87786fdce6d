/**
 * Credentials that are refused before anything is sent: what schema, OpenSSL and the PFX library say of them, and what
 * becomes of it in a failure and its causes, holds nothing of them.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { openConnector } from '../../src/index.js';
import { DEMO } from '../../src/sandbox/index.js';
import { Canaries, renderings } from '../support/canaries.js';
import { asPfx, encrypted, encryptedPkcs1, makeCertificate } from '../support/certificates.js';
import { AWKWARD, settingsOf } from './secrecy/world.js';

const folder = mkdtempSync(join(tmpdir(), 'unreadable-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const { clientId } = DEMO.daemon;
const secret = `unreadable-${AWKWARD}`;
const right = 'the-right-password-of-the-key';
const own = makeCertificate('connector');
const other = makeCertificate('another');
const pfx = asPfx(own, { style: 'aes', password: right });
const key = encrypted(own.privateKey, right);
const oldKey = encryptedPkcs1(own.privateKey, right);
const brokenKey = own.privateKey.replace(/\n.{20}/u, '\nAAAABBBBCCCCDDDDEEEE');
const assertionFile = join(folder, 'token');
writeFileSync(assertionFile, `no token but ${secret}`);

const canaries = new Canaries();
canaries.plant('secret', secret);
canaries.plant('password', right);
canaries.plant('PFX', pfx);
for (const pem of [own.privateKey, other.privateKey, key, oldKey, brokenKey]) canaries.plantPem('key', pem);

const certificate = (text: string, certificatePassword?: string): Record<string, unknown> => ({
  method: 'certificate',
  clientId,
  certificate: text,
  ...(certificatePassword === undefined ? {} : { certificatePassword }),
});
const CREDENTIALS: Record<string, Record<string, unknown>> = {
  'a PFX with another password': certificate(pfx, secret),
  'a PFX without its password': certificate(pfx),
  'a PFX that was cut': certificate(pfx.slice(0, 1_200), right),
  'a key with another password': certificate(own.certificate + key, secret),
  'a key without its password': certificate(own.certificate + key),
  'an old key with another password': certificate(own.certificate + oldKey, secret),
  'a key that is broken': certificate(own.certificate + brokenKey),
  'a key of another certificate': certificate(own.certificate + other.privateKey),
  'a key alone': certificate(own.privateKey),
  'a certificate that is none': certificate(secret),
  'a token file without a token': { method: 'federated-credential', clientId, assertionFile },
  'a secret under another name': { method: 'client-secret', clientId, secret },
  'a secret in a list': { method: 'client-secret', clientId, clientSecret: [secret] },
  'a secret in an object': { method: 'client-secret', clientId, clientSecret: { value: secret } },
  'a secret beside a reference': { method: 'client-secret', clientId, clientSecret: { $secret: 1, secret } },
  'a password without a user': { method: 'password', clientId, password: secret },
  'a session that nobody began': { method: 'sign-in', clientId, session: secret },
};

test.each(Object.entries(CREDENTIALS))(
  '%s is refused without a word of it',
  async (_what, authentication) => {
    const nowhere = { hosts: { 'login.microsoftonline.com:443': '127.0.0.1:1' } };
    const connector = openConnector({ net: nowhere, assertionFolders: [folder] });
    const connection = settingsOf(authentication);
    const failure: unknown = await connector
      .list('folders', { connection })
      .then(() => undefined)
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ kind: expect.stringMatching(/^(?:config|auth)$/u) as unknown });
    const shown = ['en', 'de', 'es'].map((language) => connector.explain(failure, language));
    const checks: unknown[] = [];
    for await (const check of connector.check({ connection })) checks.push(check);
    const found = [failure, shown, checks].flatMap((value) =>
      Object.entries(renderings(value)).flatMap(([name, text]) => canaries.find(name, text)),
    );
    expect(found).toEqual([]);
  },
);

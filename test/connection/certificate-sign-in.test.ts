/**
 * An app signs in with a certificate: what reaches Microsoft, and which certificate is used when there are two.
 */
import { X509Certificate } from 'node:crypto';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Connector } from '../../src/index.js';
import { createClientCertificate, DEMO } from '../../src/sandbox/index.js';
import { asPfx, encrypted, makeCertificate, type CertificateAndKey } from '../support/certificates.js';
import { plainMessage } from '../support/messages.js';
import { startTokenServer } from '../support/token-server.js';
import {
  checkNamed,
  failuresIn,
  openTrial,
  read,
  send,
  testConnection,
  type SandboxTenant,
  type Settings,
} from '../support/trial.js';

const DAY_MS = 86_400_000;
const { anna, bernd } = DEMO.people;
const { clientId } = DEMO.daemon;
let tenant: SandboxTenant;
let connector: Connector;
let own: CertificateAndKey;
let next: CertificateAndKey;
let ended: CertificateAndKey;
let early: CertificateAndKey;
beforeAll(async () => {
  own = makeCertificate('connector');
  next = makeCertificate('connector');
  const at = (days: number): Date => new Date(Date.now() + days * DAY_MS);
  ended = await createClientCertificate({ notBefore: at(-30), notAfter: at(-2) });
  early = await createClientCertificate({ notBefore: at(2), notAfter: at(30) });
});
beforeEach(async () => {
  ({ tenant, connector } = await openTrial());
  tenant.sandbox.directory.application(clientId).secrets.length = 0;
  tenant.sandbox.directory.addCertificate(clientId, own.certificate);
});
afterEach(() => tenant.stop());

const pem = ({ certificate, privateKey }: CertificateAndKey): string => certificate + privateKey;
const signedWith = (certificate: string, more: Record<string, string> = {}): Settings => ({
  tenant: tenant.sandbox.tenantId,
  mailbox: anna.address,
  authentication: { method: 'certificate', clientId, certificate, ...more },
});
const outcomes = (): string[] => tenant.sandbox.requests.tokens.map(({ outcome }) => outcome);

describe('a certificate', () => {
  test('opens the mailbox for reading and sending, and passes the test', async () => {
    await tenant.deliver('anna', 'INBOX', plainMessage('for Anna'));
    expect(await read(connector, signedWith(pem(own)))).toBe(1);
    expect(await send(connector, signedWith(pem(own)), bernd.address)).toEqual(['accepted']);
    expect(outcomes()).toEqual(['issued']);
    const checks = await testConnection(connector, signedWith(pem(own)));
    expect(failuresIn(checks)).toEqual([]);
    expect(checkNamed(checks, 'expiry').evidence['certificate']).toMatch(/^\d{4}-\d\d-\d\d$/u);
  });

  test('as PFX or with an encrypted key does the same', async () => {
    const certificatePassword = 'secret';
    const pfx = asPfx(own, { style: '3des', password: certificatePassword });
    const locked = own.certificate + encrypted(own.privateKey, certificatePassword);
    expect(await read(connector, signedWith(pfx, { certificatePassword }))).toBe(0);
    expect(await read(connector, signedWith(locked, { certificatePassword }))).toBe(0);
  });

  test('signs with PS256, names itself by SHA-256, and sends no key', async () => {
    const server = await startTokenServer(['login.microsoftonline.com']);
    try {
      const { acquireToken } = await import('../../src/connection/grants/index.js');
      const { CLOUDS } = await import('../../src/connection/clouds.js');
      const { authentication } = signedWith(pem(own));
      await acquireToken({
        tenant: DEMO.tenantId,
        authentication: authentication as never,
        scopes: ['https://outlook.office365.com/.default'],
        cloud: CLOUDS.global,
        net: server.net,
      });
      const [request] = server.requests;
      const form = new URLSearchParams(request?.body);
      expect(form.get('client_assertion_type')).toBe(
        'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      );
      const [header, claims] = (form.get('client_assertion') ?? '')
        .split('.')
        .map((part) => Buffer.from(part, 'base64url').toString('latin1'));
      const thumbprint = new X509Certificate(own.certificate).fingerprint256.replaceAll(':', '');
      expect(JSON.parse(header ?? '')).toMatchObject({
        alg: 'PS256',
        'x5t#S256': Buffer.from(thumbprint, 'hex').toString('base64url'),
      });
      expect(JSON.parse(claims ?? '')).toMatchObject({ iss: clientId, sub: clientId });
      expect(form.has('client_secret')).toBe(false);
      expect(request?.body).not.toContain('PRIVATE');
    } finally {
      await server.stop();
    }
  });

  test.each([
    ['is over', () => ended, 'certificate-expired'],
    ['is not valid yet', () => early, 'certificate-unusable'],
  ])('that %s is refused before anything is sent', async (_state, which, code) => {
    tenant.sandbox.directory.addCertificate(clientId, which().certificate);
    await expect(read(connector, signedWith(pem(which())))).rejects.toMatchObject({ code });
    expect(outcomes()).toEqual([]);
  });

  test('that the app does not know is named as refused, with the thumbprint in Microsoft’s words', async () => {
    const failure = await read(connector, signedWith(pem(next))).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'certificate-refused', facts: { reply: 'AADSTS700027' } });
    const thumbprint = new X509Certificate(next.certificate).fingerprint256.replaceAll(':', '');
    expect(JSON.stringify(failure)).toContain(thumbprint);
  });

  test('that cannot be read fails the token and the expiry stage', async () => {
    const checks = await testConnection(connector, signedWith(own.certificate));
    expect(failuresIn(checks)).toEqual(['token certificate-unusable', 'expiry certificate-unusable']);
    expect(outcomes()).toEqual([]);
  });
});

describe('the certificate that takes over', () => {
  test('is used when the first is refused', async () => {
    tenant.sandbox.directory.removeCertificates(clientId);
    tenant.sandbox.directory.addCertificate(clientId, next.certificate);
    expect(await read(connector, signedWith(pem(own), { nextCertificate: pem(next) }))).toBe(0);
    expect(outcomes()).toEqual(['AADSTS700027', 'issued']);
  });

  test('is used without asking when the first is over', async () => {
    expect(await read(connector, signedWith(pem(ended), { nextCertificate: pem(own) }))).toBe(0);
    expect(outcomes()).toEqual(['issued']);
  });

  test('is left alone while the first works, and warned about in its place', async () => {
    const checks = await testConnection(connector, signedWith(pem(own), { nextCertificate: pem(early) }));
    expect(failuresIn(checks)).toEqual([]);
    expect(checkNamed(checks, 'expiry')).toMatchObject({
      status: 'warning',
      failure: { code: 'expires-soon', parameters: { what: 'next-certificate' } },
    });
  });

  test('refused as well is the failure that is told', async () => {
    tenant.sandbox.directory.removeCertificates(clientId);
    await expect(
      read(connector, signedWith(pem(ended), { nextCertificate: pem(next) })),
    ).rejects.toMatchObject({ code: 'certificate-refused' });
  });

  test('is not tried for what has nothing to do with a certificate', async () => {
    tenant.sandbox.directory.application(clientId).enabled = false;
    await expect(read(connector, signedWith(pem(own), { nextCertificate: pem(next) }))).rejects.toMatchObject(
      { code: 'app-disabled' },
    );
    expect(outcomes()).toHaveLength(1);
  });
});

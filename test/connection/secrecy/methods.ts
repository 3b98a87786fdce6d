/** Every way to sign in, with secrets that the search knows and that the sandbox takes. */
import { generateKeyPairSync, sign } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Connector } from '../../../src/index.js';
import { DEMO } from '../../../src/sandbox/index.js';
import { enterDeviceCode, signInWithBrowser } from '../../support/browserless.js';
import { asPfx, encrypted, makeCertificate, type CertificateAndKey } from '../../support/certificates.js';
import type { Settings } from '../../support/trial.js';
import { AWKWARD, connectorFor, settingsOf, type World } from './world.js';

const { anna } = DEMO.people;
const { clientId } = DEMO.daemon;
const ISSUER = 'https://cluster.example/oidc';
const SUBJECT = 'system:serviceaccount:mail:connector';
const PFX_PASSWORD = `pfx-${AWKWARD.replace(/[^\w+/=&<>~%]/gu, 'x')}`;

/** A way to sign in: makes the settings, planting every secret in them. */
export type Method = (world: World) => Promise<Settings>;
const certificate: CertificateAndKey = makeCertificate('connector');
function trustCertificate({ tenant, canaries }: World): void {
  tenant.sandbox.directory.addCertificate(clientId, certificate.certificate);
  canaries.plantPem('private key', certificate.privateKey);
}

async function signedInSettings(by: World, settings: Settings, connect: Connect): Promise<Settings> {
  const connector = connectorFor(by, []);
  const { session } = await connect(by, connector, settings);
  by.canaries.plant('session', session);
  return { ...settings, authentication: { ...settings.authentication, session } };
}
type Connect = (by: World, connector: Connector, settings: Settings) => Promise<{ session: string }>;

export async function throughBrowser(
  by: World,
  connector: Connector,
  settings: Settings,
): Promise<{ session: string }> {
  const redirectUri = DEMO.redirectUris.web;
  const { url, attempt } = await connector.beginSignIn({ connection: settings, redirectUri });
  by.canaries.plant('attempt', attempt);
  const { parameters } = await signInWithBrowser(url, {
    userName: anna.address,
    password: anna.password,
    net: by.tenant.net,
  });
  return connector.completeSignIn({ attempt, parameters });
}

export async function throughCode(
  by: World,
  connector: Connector,
  settings: Settings,
): Promise<{ session: string }> {
  for await (const step of connector.signInByDeviceCode({ connection: settings })) {
    if (step.step === 'code') {
      await enterDeviceCode({
        userName: anna.address,
        password: anna.password,
        net: by.tenant.net,
        ...step,
        verificationUri: step.verificationUri,
      });
    }
    if (step.step === 'signed-in') return step.signedIn;
  }
  throw new Error('No sign-in came of it.');
}

export const METHODS: Record<string, Method> = {
  'client-secret': ({ canaries, tenant }) => {
    const clientSecret = `client-${AWKWARD}`;
    const expiresAt = Date.now() + 86_400_000;
    tenant.sandbox.directory.addClientSecret(clientId, { value: clientSecret, expiresAt });
    canaries.plant('client secret', clientSecret);
    return Promise.resolve(settingsOf({ method: 'client-secret', clientId, clientSecret }));
  },
  'certificate in PEM, its key encrypted': (by) => {
    trustCertificate(by);
    by.canaries.plant('certificate password', PFX_PASSWORD);
    const key = encrypted(certificate.privateKey, PFX_PASSWORD);
    by.canaries.plantPem('encrypted private key', key);
    return Promise.resolve(
      settingsOf({
        method: 'certificate',
        clientId,
        certificate: certificate.certificate + key,
        certificatePassword: PFX_PASSWORD,
      }),
    );
  },
  'certificate as PFX': (by) => {
    trustCertificate(by);
    by.canaries.plant('certificate password', PFX_PASSWORD);
    const pfx = asPfx(certificate, { style: 'aes', password: PFX_PASSWORD });
    by.canaries.plant('PFX', pfx);
    return Promise.resolve(
      settingsOf({ method: 'certificate', clientId, certificate: pfx, certificatePassword: PFX_PASSWORD }),
    );
  },
  'federated-credential': async ({ canaries, tenant, folder }) => {
    const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const publicKey = keys.publicKey.export({ type: 'spki', format: 'pem' }).toString();
    tenant.sandbox.directory.addFederatedCredential(clientId, {
      issuer: ISSUER,
      subject: SUBJECT,
      publicKey,
    });
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: ISSUER,
      sub: SUBJECT,
      aud: 'api://AzureADTokenExchange',
      iat: now,
      exp: now + 3600,
    };
    const signed = [{ alg: 'RS256', typ: 'JWT' }, claims]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    const assertion = `${signed}.${sign('sha256', Buffer.from(signed), keys.privateKey).toString('base64url')}`;
    canaries.plant('assertion', assertion);
    const assertionFile = join(folder, 'token');
    await writeFile(assertionFile, `${assertion}\n`);
    return settingsOf({ method: 'federated-credential', clientId, assertionFile });
  },
  'sign-in': (by) => {
    by.canaries.plant('client secret', DEMO.web.clientSecret);
    return signedInSettings(by, settingsOf({ method: 'sign-in', ...DEMO.web }), throughBrowser);
  },
  'device-code': (by) =>
    signedInSettings(by, settingsOf({ method: 'device-code', ...DEMO.signIn }), throughCode),
  password: ({ canaries }) => {
    canaries.plant('password', anna.password);
    return Promise.resolve(
      settingsOf({
        method: 'password',
        ...DEMO.signIn,
        userName: anna.address,
        password: anna.password,
      }),
    );
  },
};

/**
 * Signing in from the form: each method with the fields it needs and no others, a user through Microsoft's pages in a
 * window of their own, a code on another device, and the end of it.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';
import { loadManifest, textsIn } from '../../src/manifest/index.js';
import { DEMO } from '../../src/sandbox/index.js';
import { asPfx, makeCertificate, type CertificateAndKey } from '../support/certificates.js';
import { openWatched, type WatchedPage } from './open-browser.js';
import { axeViolations, formOf, missing, openFormServer, type FormServer } from './with-form.js';

const { anna, bernd } = DEMO.people;
const USER = 'Sign in as a user';
const CODE = 'Sign in with a code on another device';
const describeWithBrowser = missing.length > 0 ? describe.skip : describe;

describeWithBrowser('signing in from the form', () => {
  let opened: FormServer;
  let watched: WatchedPage;
  let page: Page;
  let form: ReturnType<typeof formOf>;

  beforeAll(async () => {
    opened = await openFormServer();
    opened.sandbox.deviceCodes.intervalSeconds = 1;
  }, 60_000);
  afterAll(() => opened.stop());
  beforeEach(async () => {
    watched = await openWatched(opened.browser, opened.server.url);
    ({ page } = watched);
    form = formOf(page);
  });
  afterEach(async () => {
    await page.context().close();
    expect(watched.complaints).toEqual([]);
  });

  const signedInCard = (): Locator => page.locator('[data-signed-in]');
  /** The browser itself notes an answer that is a failure. */
  const forgetRefusal = (status: number): void => {
    expect(watched.complaints.splice(0)).toEqual([expect.stringContaining(`status of ${String(status)}`)]);
  };
  const popupOf = async (press: Locator): Promise<Page> => {
    const [popup] = await Promise.all([page.context().waitForEvent('page'), press.click()]);
    await popup.waitForURL(/^https:\/\/login\.microsoftonline\.com\//u);
    return popup;
  };
  async function signIn(popup: Page, who: { address: string; password: string }): Promise<void> {
    await popup.getByLabel('Email address').fill(who.address);
    await popup.getByLabel('Password').fill(who.password);
    await popup.getByRole('button', { name: 'Sign in', exact: true }).click();
    await popup.waitForURL(/^http:\/\/localhost:\d+\/sign-in\/callback/u);
  }
  async function connect(): Promise<void> {
    await form.fill(USER, DEMO.signIn.clientId);
    const popup = await popupOf(form.button('Sign in with Microsoft'));
    await signIn(popup, anna);
    await popup.getByRole('heading', { name: `Signed in as ${anna.address}.` }).waitFor();
    await signedInCard().waitFor();
    await popup.close();
  }

  test('offers the methods best first, and of each only the fields that it needs', async () => {
    const names = textsIn('en');
    const { authMethods } = loadManifest().connectionTypes[0];
    const radios = page.getByRole('radiogroup', { name: 'Sign-in' }).getByRole('radio');
    await radios.first().waitFor();
    expect(await radios.count()).toBe(authMethods.length);
    const fields: Record<string, string[]> = {};
    for (const { id } of authMethods) {
      const name = names.text(`connections.microsoft365.methods.${id}.name`);
      await form.choose(name);
      const remarkId =
        (await page.getByRole('radio', { name, exact: true }).getAttribute('aria-describedby')) ?? '';
      expect(await page.locator(`[id="${remarkId}"]`).innerText()).toBe(
        names.text(`connections.microsoft365.methods.${id}.description`),
      );
      fields[id] = await page
        .locator('label[for^="connection/authentication/"]')
        .evaluateAll((labels) =>
          labels.map((label) => (label as unknown as { htmlFor: string }).htmlFor.split('/')[2] ?? ''),
        );
    }
    expect(fields).toEqual({
      certificate: ['clientId', 'certificate', 'certificatePassword'],
      'federated-credential': ['clientId', 'assertionFile'],
      'client-secret': ['clientId', 'clientSecret', 'secretExpiresOn'],
      'sign-in': ['clientId', 'clientSecret', 'account'],
      'device-code': ['clientId', 'account'],
      password: ['clientId', 'clientSecret', 'userName', 'password'],
    });
    await page.getByText('Microsoft advises against this sign-in').waitFor();
    await form.choose('App-only with client secret');
    await page.getByRole('button', { name: /^Further settings: / }).click();
    await form.field('Next client secret (optional)').waitFor();
  });

  describe('with a certificate', () => {
    let certificate: CertificateAndKey;
    beforeAll(() => {
      certificate = makeCertificate('connector');
      opened.sandbox.directory.addCertificate(DEMO.daemon.clientId, certificate.certificate);
    });
    // A file that cannot be used yet is asked about, and refused: the browser notes that.
    afterEach(() => {
      const rest = watched.complaints.splice(0).filter((one) => !one.includes('status of 400'));
      expect(rest).toEqual([]);
    });
    const pick = async (...files: readonly [name: string, content: Buffer][]): Promise<void> =>
      page
        .locator('[data-file-for="connection/authentication/certificate"]')
        .setInputFiles(files.map(([name, buffer]) => ({ name, mimeType: '', buffer })));

    test('takes a PFX file, and the connection works', async () => {
      await form.fill('App-only with certificate', DEMO.daemon.clientId);
      const pfx = asPfx(certificate, { style: 'aes', password: 'file-password' });
      await pick(['app.pfx', Buffer.from(pfx, 'base64')]);
      await page.getByText('PFX file. It is not shown again.', { exact: false }).waitFor();
      await form.field('Password of the certificate file (optional)').fill('file-password');
      await form.button('Test').click();
      await page.getByText('The connection works.').waitFor();
      expect(await page.content()).not.toContain(pfx.slice(0, 40));
    });

    test('takes certificate and key from two files, and shows neither again', async () => {
      await form.fill('App-only with certificate', DEMO.daemon.clientId);
      await pick(['app.crt', Buffer.from(certificate.certificate)]);
      await page.getByText('PEM without a private key', { exact: false }).waitFor();
      await pick(
        ['app.crt', Buffer.from(certificate.certificate)],
        ['app.key', Buffer.from(certificate.privateKey)],
      );
      await page.getByText('PEM with certificate and private key.', { exact: false }).waitFor();
      expect(await page.content()).not.toContain('BEGIN PRIVATE KEY');
      await form.button('Test').click();
      await page.getByText('The connection works.').waitFor();
    });

    test('takes pasted text, and another one after it was removed', async () => {
      await form.fill('App-only with certificate', DEMO.daemon.clientId);
      const input = form.field('Certificate with private key');
      await input.fill('no certificate');
      await input.blur();
      await page.getByText('Neither PEM nor a PFX file.', { exact: false }).waitFor();
      await form.button('Remove Certificate with private key').click();
      await input.fill(`${certificate.certificate}${certificate.privateKey}`);
      await input.blur();
      await page.getByText('PEM with certificate and private key.', { exact: false }).waitFor();
    });
  });

  describe('as a user', () => {
    test('moves to the name that Microsoft sends the browser back to', async () => {
      await page.goto(opened.server.url);
      await page.waitForURL(/^http:\/\/localhost:/u);
      await form.choose(USER);
      await page.getByText('http://localhost/sign-in/callback').waitFor();
      await page.getByText('Mobile and desktop applications', { exact: false }).first().waitFor();
      await form.field('Client secret (optional)').fill('x');
      await page.getByText('because a client secret is entered', { exact: false }).waitFor();
      // The first address is one to leave, not one to stay at.
      watched.complaints.splice(0);
    });

    test('signs in in a window, and the connection then works', async () => {
      await connect();
      await page.getByText(/^Since .+ Ends unless used by .+/u).waitFor();
      await form.button('Test').click();
      await page.getByText('The connection works.').waitFor();
      // The handle is nobody's to read.
      expect(await page.locator('input[type="text"], textarea').evaluateAll(allValues)).not.toContainEqual(
        expect.stringMatching(/^[\w-]{43}$/u),
      );
    });

    test('renews the sign-in, and ends it', async () => {
      await connect();
      const popup = await popupOf(form.button('Renew'));
      await popup.getByRole('button', { name: anna.address }).click();
      await popup.waitForURL(/\/sign-in\/callback/u);
      await form.button('Renew').waitFor();
      await form.button('Disconnect').click();
      await page.getByText('Disconnected: the stored sign-in', { exact: false }).waitFor();
      expect(await signedInCard().count()).toBe(0);
      await form.button('Sign in with Microsoft').waitFor();
      await form.button('Test').click();
      await page.locator('[data-status="failed"]').first().waitFor();
    });

    test('by somebody else is refused, with the way to another account', async () => {
      await form.fill(USER, DEMO.signIn.clientId);
      const popup = await popupOf(form.button('Sign in with Microsoft'));
      await signIn(popup, bernd);
      await page.getByText('Somebody signed in with another account.').waitFor();
      await page.getByText('On this page: at Microsoft', { exact: false }).waitFor();
      expect(await signedInCard().count()).toBe(0);
      forgetRefusal(400);
    });

    test('is offered as a link where the browser opens no window', async () => {
      await page.evaluate('window.open = () => null');
      await form.fill(USER, DEMO.signIn.clientId);
      await form.button('Sign in with Microsoft').click();
      const popup = await popupOf(page.getByRole('link', { name: 'Open Microsoft’s sign-in' }));
      await signIn(popup, anna);
      await signedInCard().waitFor();
    });

    test('can be given up', async () => {
      await form.fill(USER, DEMO.signIn.clientId);
      const popup = await popupOf(form.button('Sign in with Microsoft'));
      await popup.close();
      await form.button('Cancel').click();
      await form.button('Sign in with Microsoft').waitFor();
    });

    test('leads to what is missing first', async () => {
      await form.choose(USER);
      await form.button('Sign in with Microsoft').click();
      await page.waitForFunction('document.activeElement?.id === "connection/tenant"');
      expect(page.context().pages()).toHaveLength(1);
    });
  });

  describe('with a code', () => {
    async function enter(): Promise<void> {
      const code = await page.locator('[data-user-code]').innerText();
      const [other] = await Promise.all([
        page.context().waitForEvent('page'),
        page.getByRole('link', { name: /login\.microsoftonline\.com/u }).click(),
      ]);
      await other.locator('input:not([type="hidden"])').first().fill(code);
      await other.locator('button.primary').click();
      await other.getByLabel('Email address').fill(anna.address);
      await other.getByLabel('Password').fill(anna.password);
      await other.locator('button.primary').click();
      await other.locator('[data-page="confirm"]').waitFor();
      await other.locator('button.primary').click();
      await other.locator('[data-page="done"]').waitFor();
      await other.close();
    }

    test('signs a user in, keeps it, and ends it', async () => {
      await form.fill(CODE, DEMO.signIn.clientId);
      await form.button('Sign in with a code').click();
      await page.getByText(/^Valid for another 14:\d\d minutes$/u).waitFor();
      await enter();
      await signedInCard().waitFor();
      await form.button('Test').click();
      await page.getByText('The connection works.').waitFor();
      await form.button('Disconnect').click();
      await form.button('Sign in with a code').waitFor();
    });

    test('verifies the app registration for another method, and keeps nothing', async () => {
      await form.fill('User name and password (legacy)', DEMO.signIn.clientId);
      await form.field('User name').fill(anna.address);
      await form.field('Password').fill('not needed for this');
      await form.button('Verify the app registration').click();
      await enter();
      await page
        .getByText(`The app registration works: ${anna.address} could sign in.`, { exact: false })
        .waitFor();
      expect(await signedInCard().count()).toBe(0);
    });

    test('can be given up', async () => {
      await form.fill(CODE, DEMO.signIn.clientId);
      await form.button('Sign in with a code').click();
      await page.locator('[data-user-code]').waitFor();
      await form.button('Cancel').click();
      await page.getByText('The sign-in was cancelled.').waitFor();
      expect(await page.locator('[data-user-code]').count()).toBe(0);
    });
  });

  test('warns about a secret that ends soon, in the reader’s date', async () => {
    await form.fill('App-only with client secret', DEMO.daemon.clientId);
    await form.field('Client secret').fill('x');
    const soon = new Date(Date.now() + 10 * 86_400_000).toISOString().slice(0, 10);
    await form.field('Secret ends on (optional)').fill(soon);
    const notice = page.locator('[data-expiry="client-secret"]');
    await notice.waitFor();
    const day = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeZone: 'UTC' }).format(
      new Date(soon),
    );
    expect(await notice.innerText()).toContain(day);
    await form.field('Secret ends on (optional)').fill('2099-01-01');
    await notice.waitFor({ state: 'detached' });
  });

  test.each(['light', 'dark'] as const)('has nothing that keeps a reader out, %s', async (colorScheme) => {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    expect(await axeViolations(page)).toEqual([]);
    await connect();
    expect(await axeViolations(page)).toEqual([]);
    await form.choose(CODE);
    await form.button('Sign in with a code').click();
    await page.locator('[data-user-code]').waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await form.button('Cancel').click();
  });
});

function allValues(inputs: readonly unknown[]): string[] {
  return inputs.map((input) => (input as { value: string }).value);
}

/**
 * The form as a designer meets it: from an empty page to a working connection, a message read and one sent.
 * By label and role only, as a reader of the screen finds things; the security policy is the real one.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Browser, Locator, Page } from 'playwright-core';
import type { RunningServer } from '../../src/http/index.js';
import { loadLocale, textsIn } from '../../src/manifest/index.js';
import { SANDBOX_SWITCHES } from '../../src/cli/sandbox-switches.js';
import { DEMO, type Sandbox } from '../../src/sandbox/index.js';
import { openWatched, type WatchedPage } from './open-browser.js';
import { axeViolations, formOf, missing, openFormServer, type FormServer } from './with-form.js';

const describeWithBrowser = missing.length > 0 ? describe.skip : describe;

describeWithBrowser('the form', () => {
  let opened: FormServer;
  let sandbox: Sandbox;
  let server: RunningServer;
  let browser: Browser;
  let watched: WatchedPage;
  let page: Page;

  beforeAll(async () => {
    opened = await openFormServer();
    ({ sandbox, server, browser } = opened);
  }, 60_000);
  afterAll(async () => {
    await opened.stop();
  });
  beforeEach(async () => {
    watched = await openWatched(browser, server.url);
    ({ page } = watched);
  });
  afterEach(async () => {
    await page.context().close();
    expect(watched.complaints).toEqual([]);
  });

  const field = (label: string): Locator => formOf(page).field(label);
  const button = (name: string): Locator => formOf(page).button(name);

  async function fillConnection(secret: string = DEMO.daemon.clientSecret): Promise<void> {
    await formOf(page).fill('App-only with client secret', DEMO.daemon.clientId);
    await field('Client secret').fill(secret);
  }

  test('shows every stage of a test as passed, or says that it cannot be tested', async () => {
    await fillConnection();
    await button('Test').click();
    await page.getByText('The connection works.').waitFor();
    const statuses = await page
      .getByRole('list', { name: 'Stages of the test' })
      .locator('> li')
      .evaluateAll((rows) =>
        rows.map((row) => (row as unknown as { dataset: { status: string } }).dataset.status),
      );
    expect(statuses.length).toBeGreaterThan(9);
    expect(new Set(statuses)).toEqual(new Set(['passed', 'not-verifiable']));
  });

  test('leads to what is missing, in the server’s words, and to nothing before that', async () => {
    await page.getByText('is missing').waitFor({ state: 'detached' });
    await button('Test').click();
    await page.getByText('Tenant is missing. Use the tenant ID', { exact: false }).waitFor();
    await page.waitForFunction('document.activeElement?.id === "connection/tenant"');
    await page.getByText('Certificate with private key is missing.', { exact: false }).waitFor();
    await page.getByText('User name and password (legacy)').click();
    await page.getByText('Microsoft advises against this sign-in').waitFor();
    await field('Password').fill('x');
    expect(await field('Password').getAttribute('type')).toBe('password');
  });

  test('opens the failed stage with cause, remedy and who must act', async () => {
    await fillConnection('a wrong secret');
    await button('Test').click();
    const failed = page.locator('[data-status="failed"]');
    await failed.waitFor();
    const shown = await failed.innerText();
    const texts = textsIn('en');
    for (const part of ['title', 'remedy']) {
      expect(shown).toContain(texts.text(`failures.client-secret-wrong.${part}`));
    }
    expect(shown).toContain('Cause');
    expect(shown).toContain(texts.text('actors.designer'));
    expect(shown).toContain('AADSTS7000215');
    await page.locator('[data-status="skipped"]').first().waitFor();
    expect(shown).not.toContain('a wrong secret');
  });

  test.each(['role-missing', 'full-access-missing', 'smtp-auth-off'])(
    'shows stage, cause and remedy of a tenant in the state %s',
    async (state) => {
      const flip = SANDBOX_SWITCHES[state];
      const code = {
        'role-missing': 'role-missing',
        'full-access-missing': 'mailbox-not-opened',
        'smtp-auth-off': 'smtp-closed-for-mailbox',
      }[state];
      flip?.(sandbox, true);
      try {
        await fillConnection();
        await button('Test').click();
        const failed = page.locator('[data-status="failed"]').first();
        await failed.waitFor();
        const shown = await failed.innerText();
        const parameters = { permission: 'IMAP.AccessAsApp', mailbox: DEMO.people.anna.address };
        const texts = textsIn('en');
        expect(shown).toContain(texts.text(`failures.${code ?? ''}.title`, parameters));
        expect(shown).toContain(texts.text(`failures.${code ?? ''}.remedy`, parameters).split('{')[0]);
      } finally {
        flip?.(sandbox, false);
      }
    },
  );

  test('offers the folders of the mailbox and shows the messages in the one that was picked', async () => {
    await fillConnection();
    await field('Folder').click();
    const choices = page.getByRole('listbox').getByRole('option');
    await choices.first().waitFor();
    expect(await choices.allInnerTexts()).toEqual(expect.arrayContaining(['INBOX', 'Drafts', 'Sent Items']));
    await choices.filter({ hasText: /^INBOX$/u }).click();
    expect(await field('Folder').inputValue()).toBe('INBOX');
    await button('Next').click();
    await page.getByText('All', { exact: true }).click();
    await button('Run').click();
    const table = page.getByRole('table', { name: 'Messages read' });
    await table.getByRole('button', { name: 'New logo' }).click();
    await table.getByText('Here is the new logo.').waitFor();
    await table.getByText('logo.png').waitFor();
  });

  test('says why the folders cannot be offered, and takes one that is typed', async () => {
    await fillConnection('a wrong secret');
    await button('Load choices for Folder again').click();
    await page.getByText('The choices could not be loaded.', { exact: false }).waitFor();
    await page.getByText('Microsoft refuses the client secret.').waitFor();
    await field('Folder').fill('Projects/2026');
    expect(await field('Folder').inputValue()).toBe('Projects/2026');
    // The browser itself notes the refused request.
    expect(watched.complaints.splice(0)).toEqual([expect.stringContaining('status of 502')]);
  });

  test('sends a message with an attachment and shows what became of it', async () => {
    await fillConnection();
    await page.getByRole('tab', { name: 'Send Email' }).click();
    const run = page.getByRole('tabpanel', { name: 'Send Email' });
    await run.locator('[id="send-email.request/to"]').click();
    await run.locator('[id="send-email.request/to/0/address"]').fill(DEMO.people.bernd.address);
    await run.locator('[id="send-email.request/subject"]').fill('From the browser');
    await run.locator('[id="send-email.request/text"]').fill('Hello');
    await run.getByLabel('Attachments', { exact: true }).setInputFiles({
      name: 'Größen.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from('a;b\r\n1;2\r\n'),
    });
    await run.getByText('Größen.csv').waitFor();
    await run.getByRole('button', { name: 'Run', exact: true }).click();
    const outcome = run.locator('[data-outcome="accepted"]');
    await outcome.waitFor();
    expect(await outcome.innerText()).toContain(DEMO.people.bernd.address);
    const received = sandbox.mailbox(DEMO.people.bernd.address).messages('INBOX');
    const sources = received.map(({ source }) => source.toString());
    expect(sources.some((source) => source.includes('From the browser') && source.includes('text/csv'))).toBe(
      true,
    );
  });

  test('fills a template from data written as JSON, and says what in it is wrong', async () => {
    await fillConnection();
    await page.getByRole('tab', { name: 'Send Email' }).click();
    const run = page.getByRole('tabpanel', { name: 'Send Email' });
    await run.getByRole('button', { name: 'Next', exact: true }).click();
    await run.locator('[id="send-email.config/subject"]').fill('For {{ customer.name }} alone');
    await run.getByLabel('Fill in from the record').check();
    await run.locator('[id="send-email.request/to"]').click();
    await run.locator('[id="send-email.request/to/0/address"]').fill(DEMO.people.bernd.address);
    const data = run.locator('[id="send-email.request/data"]');
    await data.fill('{"customer": ');
    await run.locator('[id="send-email.request/subject"]').focus();
    const problem = run.locator('[id="send-email.request/data__error"]');
    await problem.waitFor();
    expect(await problem.innerText()).toContain('Data is of the wrong type');
    await data.fill('{"customer": {"name": "Zoë"}}');
    await run.getByRole('button', { name: 'Run', exact: true }).click();
    await run.locator('[data-outcome="accepted"]').waitFor();
    const sent = sandbox.mailbox(DEMO.people.bernd.address).messages('INBOX').at(-1)!.source.toString();
    expect(sent).toMatch(/^Subject: =\?UTF-8\?Q\?For_Zo=C3=AB_alone\?=\r$/mu);
  });

  test('speaks German and Spanish after the switch, and keeps what was typed', async () => {
    await fillConnection('a wrong secret');
    await button('Test').click();
    await page.locator('[data-status="failed"]').waitFor();
    for (const language of ['de', 'es']) {
      const texts = textsIn(language);
      await page.getByRole('combobox').first().click();
      await page.getByRole('option').nth(['en', 'de', 'es'].indexOf(language)).click();
      await field(texts.text('connections.microsoft365.tenant.label')).waitFor();
      expect(await field(texts.text('connections.microsoft365.tenant.label')).inputValue()).toBe(
        DEMO.tenantId,
      );
      await page.getByText(texts.text('failures.client-secret-wrong.title')).waitFor();
      expect(await page.locator('html').getAttribute('lang')).toBe(language);
      // A key in place of its text: something that no language has.
      expect(await page.locator('body').innerText()).not.toMatch(
        /\b(?:workbench|connections|activities|checks)\.[a-z]/u,
      );
    }
  });

  test.each(['light', 'dark'] as const)('has nothing that keeps a reader out, %s', async (colorScheme) => {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await fillConnection('a wrong secret');
    await button('Test').click();
    await page.locator('[data-status="failed"]').waitFor();
    await page.getByText('The connection does not work yet.', { exact: false }).waitFor();
    await page.getByRole('button', { name: 'Further settings' }).first().click();
    await page.waitForTimeout(400);
    expect(await axeViolations(page)).toEqual([]);
    await page.getByRole('tab', { name: 'Send Email' }).click();
    await page.getByRole('button', { name: 'Review the data schemas' }).last().click();
    expect(await axeViolations(page)).toEqual([]);
  });

  test('fits a narrow window', async () => {
    await page.setViewportSize({ width: 375, height: 800 });
    await page.getByRole('tab').first().waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(375);
  });
});

test('the page has a text in every language for each of its keys', () => {
  const keysOf = (tree: unknown, path = ''): string[] =>
    typeof tree === 'string'
      ? [path]
      : Object.entries(tree as object).flatMap(([key, value]) => keysOf(value, `${path}.${key}`));
  const [en, de, es] = ['en', 'de', 'es'].map((language) => keysOf(loadLocale(language)['workbench']).sort());
  expect(de).toEqual(en);
  expect(es).toEqual(en);
});

/**
 * What the form hands to an administrator, and how it goes on testing while a change is on its way at Microsoft.
 */
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { SANDBOX_SWITCHES } from '../../src/cli/sandbox-switches.js';
import { DEMO } from '../../src/sandbox/index.js';
import { openWatched, type WatchedPage } from './open-browser.js';
import { axeViolations, formOf, missing, openFormServer, type FormServer } from './with-form.js';

const SECRET = DEMO.daemon.clientSecret;
const describeWithBrowser = missing.length > 0 ? describe.skip : describe;

describeWithBrowser('the form for an administrator', () => {
  let opened: FormServer;
  let watched: WatchedPage;
  let page: Page;
  let form: ReturnType<typeof formOf>;

  beforeAll(async () => {
    opened = await openFormServer();
  }, 60_000);
  afterAll(() => opened.stop());
  beforeEach(async () => {
    watched = await openWatched(opened.browser, opened.server.url);
    ({ page } = watched);
    form = formOf(page);
  });
  afterEach(async () => {
    SANDBOX_SWITCHES['smtp-auth-off']?.(opened.sandbox, false);
    await page.context().close();
    expect(watched.complaints).toEqual([]);
  });

  async function fill(): Promise<void> {
    await form.fill('App-only with client secret', DEMO.daemon.clientId);
    await form.field('Client secret').fill(SECRET);
  }
  async function download(name: string): Promise<string> {
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      form.button(`Download ${name}`).click(),
    ]);
    expect(file.suggestedFilename()).toBe(name);
    return readFileSync(await file.path(), 'utf8');
  }

  test('hands over scripts, page and data, with no secret in them', async () => {
    await fill();
    await form.button('Setup kit for the administrator').click();
    const files: Record<string, string> = {};
    for (const name of ['setup.ps1', 'undo.ps1', 'setup.sh', 'app.json', 'handover.html', 'handover.md']) {
      files[name] = await download(name);
      expect(files[name]).not.toContain(SECRET);
    }
    expect(files['setup.ps1']?.startsWith('\uFEFF')).toBe(true);
    expect(files['setup.ps1']).toContain(DEMO.people.anna.address);
    expect(files['setup.sh']?.startsWith('#!')).toBe(true);
    expect(JSON.parse(files['app.json'] ?? '')).toHaveProperty('manifest.requiredResourceAccess');
    expect(files['handover.html']).toMatch(/^<!doctype html>/iu);
    const rows = await page
      .getByRole('table', { name: 'Hosts and ports that must be reachable' })
      .getByRole('row')
      .allInnerTexts();
    expect(rows.join('\n')).toContain('outlook.office365.com:993');
    await form.button('Preview setup.ps1').click();
    expect(await page.getByRole('region', { name: 'setup.ps1' }).innerText()).toContain(DEMO.daemon.clientId);
    expect(await page.getByRole('link', { name: /^Consent to everything/u }).getAttribute('href')).toContain(
      DEMO.daemon.clientId,
    );
  });

  test('says which settings the kit needs first', async () => {
    await form.button('Setup kit for the administrator').click();
    await page.getByText('The kit needs these settings first.').waitFor();
    await page.getByText('Mailbox is missing.', { exact: false }).waitFor();
    expect(watched.complaints.splice(0)).toEqual([expect.stringContaining('status of 400')]);
  });

  test('has the commands for exactly what failed', async () => {
    SANDBOX_SWITCHES['smtp-auth-off']?.(opened.sandbox, true);
    await fill();
    await form.button('Test').click();
    await form.button('Commands for exactly this').click();
    await page.locator('[data-step]').first().waitFor();
    expect(
      await page
        .locator('[data-step]')
        .evaluateAll((steps) =>
          steps.map((step) => (step as unknown as { dataset: { step: string } }).dataset.step),
        ),
    ).toEqual(['smtp-auth-on']);
    expect(await download('setup.ps1')).toContain('Set-CASMailbox');
  });

  test('tests again every minute while a change is on its way, until it has arrived', async () => {
    await page.clock.install();
    SANDBOX_SWITCHES['smtp-auth-off']?.(opened.sandbox, true);
    await fill();
    await form.button('Test').click();
    await form.button('Watch and test again').click();
    await page
      .getByText(/^Something was changed a moment ago\. Until .+/u)
      .first()
      .waitFor();
    await page.getByText('Tests again every minute until it passes.', { exact: false }).waitFor();
    await form.button('Test again').waitFor();
    const minute = async (): Promise<void> => {
      const answered = page.waitForResponse(/\/api\/check/u);
      await page.clock.fastForward(61_000);
      await answered;
      await form.button('Test again').waitFor();
    };
    await minute();
    await form.button('Stop watching').waitFor();
    SANDBOX_SWITCHES['smtp-auth-off']?.(opened.sandbox, false);
    await minute();
    await page.getByText('The connection works.').waitFor();
    await form.button('Stop watching').waitFor({ state: 'detached' });
  });

  test('stops watching when it is told to', async () => {
    SANDBOX_SWITCHES['smtp-auth-off']?.(opened.sandbox, true);
    await fill();
    await form.button('Test').click();
    await form.button('Watch and test again').click();
    await form.button('Stop watching').click();
    await form.button('Watch and test again').waitFor();
  });

  test('tests all allowed mailboxes, each under its own name', async () => {
    await fill();
    await page.getByRole('button', { name: 'Further settings', exact: true }).first().click();
    await page.getByRole('button', { name: /^Add Further mailboxes/u }).click();
    await page.locator('[id="connection/allowedMailboxes/0"]').fill(DEMO.people.bernd.address);
    await form.button('Test all allowed mailboxes (2)').click();
    await page.getByText('The connection works.').waitFor();
    for (const { address } of [DEMO.people.anna, DEMO.people.bernd]) {
      expect(await page.locator(`[data-mailbox="${address}"][data-stage="mailbox"]`).count()).toBe(1);
    }
  });

  test.each(['light', 'dark'] as const)('has nothing that keeps a reader out, %s', async (colorScheme) => {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    SANDBOX_SWITCHES['smtp-auth-off']?.(opened.sandbox, true);
    await fill();
    await form.button('Test').click();
    await page.getByText('How long a change takes').waitFor();
    await form.button('Setup kit for the administrator').click();
    await form.button('Preview setup.ps1').click();
    await page.waitForTimeout(400);
    expect(await axeViolations(page)).toEqual([]);
    await page.setViewportSize({ width: 400, height: 900 });
    // Parts of the page learn of their new width a moment later.
    await page.waitForFunction('document.documentElement.scrollWidth === 400', undefined, {
      timeout: 10_000,
    });
  });
});

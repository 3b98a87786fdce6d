/** The form over a sandbox tenant of its own, in a browser to which the sandbox is Microsoft. */
import { createRequire } from 'node:module';
import { existsSync, readFileSync } from 'node:fs';
import type { Browser, Locator, Page } from 'playwright-core';
import { startServer, type RunningServer } from '../../src/http/index.js';
import { openConnector } from '../../src/index.js';
import { packagePath } from '../../src/manifest/index.js';
import { DEMO, startSandbox, type Sandbox } from '../../src/sandbox/index.js';
import { chromiumPath, openBrowser, throughSandbox } from './open-browser.js';

const workbenchDir = packagePath('workbench/dist');

/** What the tests cannot run without; empty when all is there. */
export const missing: readonly string[] = [
  ...(chromiumPath === undefined ? ['Chromium (set CHROMIUM to its path)'] : []),
  ...(existsSync(`${workbenchDir}/index.html`)
    ? []
    : ['the built page (npm ci && npm run build in workbench/)']),
];
// A skipped test that nobody notices proves nothing.
if (missing.length > 0)
  process.stderr.write(`\nSKIPPED: the browser test needs ${missing.join(' and ')}.\n\n`);

export interface FormServer {
  readonly sandbox: Sandbox;
  readonly server: RunningServer;
  readonly browser: Browser;
  stop(): Promise<void>;
}

export async function openFormServer(): Promise<FormServer> {
  const sandbox = await startSandbox();
  const connector = openConnector({ net: { hosts: sandbox.hosts, trustedRoots: [sandbox.ca] } });
  const server = await startServer({ connector, workbenchDir });
  const browser = await openBrowser(throughSandbox(sandbox));
  return {
    sandbox,
    server,
    browser,
    async stop() {
      await browser.close();
      await server.stop();
      await sandbox.stop();
    },
  };
}

/** As a reader of the screen finds things: by label and role. */
export function formOf(page: Page) {
  const field = (label: string): Locator => page.getByLabel(label, { exact: true });
  return {
    field,
    button: (name: string): Locator => page.getByRole('button', { name, exact: true }),
    async choose(method: string): Promise<void> {
      await page.getByRole('radio', { name: method, exact: true }).check();
    },
    /** Tenant, mailbox, method and app; what the method asks for beyond that is the test's. */
    async fill(method: string, clientId: string, mailbox: string = DEMO.people.anna.address): Promise<void> {
      await field('Tenant').fill(DEMO.tenantId);
      await field('Mailbox').first().fill(mailbox);
      await page.getByRole('radio', { name: method, exact: true }).check();
      await field('Application (client) ID').fill(clientId);
    },
  };
}

/** Violations of the accessibility rules, one line each. */
export async function axeViolations(page: Page): Promise<string[]> {
  const path = createRequire(packagePath('workbench/package.json')).resolve('axe-core/axe.min.js');
  // Through the debugger: the page's own policy admits no foreign script, and that is not loosened for a test.
  await page.evaluate(readFileSync(path, 'utf8'));
  return page.evaluate(async () => {
    const { axe: judge } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> };
    };
    const { violations } = await judge.run();
    return violations.map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes[0]?.html ?? ''}`);
  });
}

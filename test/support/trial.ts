/**
 * What a designer does with a connection, in one call each: Test, read, send. Owns: collecting what the calls stream.
 */
import { openConnector, type Check, type Connector } from '../../src/index.js';
import type { Sandbox } from '../../src/sandbox/index.js';
import { signInWithBrowser, type Person } from './browserless.js';
import { openSandboxTenant } from './sandbox-tenant.js';
import type { TestTenant } from './tenant.js';

export type SandboxTenant = TestTenant & { sandbox: Sandbox };
export type Settings = Readonly<Record<string, unknown>> & {
  readonly authentication: Readonly<Record<string, unknown>>;
};
export type Activities = readonly { readonly id: string; readonly config: unknown }[];

export const READING: Activities = [{ id: 'read-email', config: { folder: 'INBOX' } }];
export const SENDING: Activities = [{ id: 'send-email', config: {} }];

/** A sandbox of its own and a connector that reaches it. */
export async function openTrial(): Promise<{ tenant: SandboxTenant; connector: Connector }> {
  const tenant = await openSandboxTenant();
  return { tenant, connector: openConnector({ net: tenant.net }) };
}

/** Every check of one test of the connection. */
export async function testConnection(
  connector: Connector,
  connection: unknown,
  more: { activities?: Activities; mailboxes?: readonly string[]; changedAt?: string } = {},
): Promise<Check[]> {
  const checks: Check[] = [];
  for await (const one of connector.check({ connection, ...more })) checks.push(one);
  return checks;
}

/** "stage" or "stage:transport". */
export function nameOf({ stage, transport }: Check): string {
  return transport === undefined ? stage : `${stage}:${transport}`;
}

/** Name and code of every stage that failed. */
export function failuresIn(checks: readonly Check[]): string[] {
  return checks
    .filter(({ status }) => status === 'failed')
    .map((one) => `${nameOf(one)} ${one.failure?.code ?? ''}`);
}

export function checkNamed(checks: readonly Check[], name: string): Check {
  const found = checks.find((one) => nameOf(one) === name);
  if (found === undefined) throw new Error(`The test had no stage ${name}.`);
  return found;
}

/** How many messages of the inbox come. @throws what Read Email throws */
export async function read(connector: Connector, connection: unknown): Promise<number> {
  let count = 0;
  for await (const { records } of connector.run('read-email', { connection, config: { folder: 'INBOX' } })) {
    count += records.length;
  }
  return count;
}

/** Outcome of sending one message. @throws what Send Email throws */
export async function send(connector: Connector, connection: unknown, to: string): Promise<string[]> {
  const requests = [{ to: [{ address: to }], subject: 'Hello', text: 'x' }];
  const outcomes: string[] = [];
  for await (const { outcome } of connector.run('send-email', {
    connection,
    config: { attempts: 1 },
    requests,
  })) {
    outcomes.push(outcome);
  }
  return outcomes;
}

/** Signs a person in through the browser pages; the settings with the sign-in in them. @throws what Connect throws */
export async function connected(
  connector: Connector,
  tenant: SandboxTenant,
  settings: Settings,
  person: Omit<Person, 'userName'> & { readonly address: string },
  redirectUri = 'http://localhost:5000',
): Promise<Settings> {
  const { url, attempt } = await connector.beginSignIn({ connection: settings, redirectUri });
  const who = { ...person, userName: person.address, net: tenant.net };
  const { parameters } = await signInWithBrowser(url, who);
  const { session } = await connector.completeSignIn({ attempt, parameters });
  return { ...settings, authentication: { ...settings.authentication, session } };
}

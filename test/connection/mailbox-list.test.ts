/**
 * One test of a connection for many mailboxes: each check says whose it is, and one that fails holds up no other.
 */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Check, Connector } from '../../src/index.js';
import { DEMO } from '../../src/sandbox/index.js';
import {
  failuresIn,
  nameOf,
  openTrial,
  READING,
  SENDING,
  testConnection,
  type SandboxTenant,
} from '../support/trial.js';

const { clientId } = DEMO.daemon;
const mailboxes = [DEMO.people.anna.address, DEMO.people.bernd.address, DEMO.sharedMailbox];
const [anna = '', bernd = '', shared = ''] = mailboxes;
let tenant: SandboxTenant;
let connector: Connector;
beforeEach(async () => {
  ({ tenant, connector } = await openTrial());
});
afterEach(() => tenant.stop());

const tested = (list: readonly string[], activities = [...READING, ...SENDING]): Promise<Check[]> =>
  testConnection(connector, tenant.connection('anna'), { activities, mailboxes: list });
const of = (checks: readonly Check[], mailbox: string): string[] =>
  checks.filter((one) => one.mailbox === mailbox).map((one) => `${nameOf(one)} ${one.status}`);
const ALL_PASSED = [
  'sign-in:imap passed',
  'mailbox:imap passed',
  'folder:imap passed',
  'rights:imap passed',
  'sign-in:smtp passed',
  'rights:smtp not-verifiable',
];

test('each mailbox goes through its own stages, by name; what is common is tested once', async () => {
  const checks = await tested(mailboxes);
  expect(failuresIn(checks)).toEqual([]);
  for (const mailbox of mailboxes) expect(of(checks, mailbox)).toEqual(ALL_PASSED);
  const common = checks.filter(({ mailbox }) => mailbox === undefined).map(nameOf);
  expect(new Set(common).size).toBe(common.length);
  expect(common).toEqual(expect.arrayContaining(['token', 'mail-host:imap', 'mail-host:smtp']));
  expect(tenant.sandbox.requests.tokens.filter(({ scope }) => scope.includes('outlook'))).toHaveLength(1);
});

test('one that does not open holds up no other', async () => {
  tenant.sandbox.directory.revokeFullAccess(bernd, clientId);
  const checks = await tested(mailboxes);
  const failed = checks.filter(({ status }) => status === 'failed');
  expect(failed.map((one) => [nameOf(one), one.mailbox])).toEqual([
    ['mailbox:imap', bernd],
    ['sign-in:smtp', bernd],
  ]);
  for (const { failure } of failed) expect(failure?.parameters).toMatchObject({ mailbox: bernd });
  expect(of(checks, anna)).toEqual(ALL_PASSED);
  expect(of(checks, shared)).toEqual(ALL_PASSED);
});

test('one that does not exist is named', async () => {
  const checks = await tested([anna, 'nobody@contoso.example'], [...READING]);
  expect(failuresIn(checks)).toEqual(['sign-in:imap imap-sign-in-refused']);
  expect(of(checks, anna)).toEqual(ALL_PASSED.slice(0, 4));
});

test('a list stands in for the mailboxes of the activities', async () => {
  const activities = [{ id: 'read-email', config: { folder: 'INBOX', mailbox: shared } }];
  const checks = await tested([anna, bernd], activities);
  expect(of(checks, shared)).toEqual([]);
  expect(checks.filter(({ stage }) => stage === 'sign-in').map(({ mailbox }) => mailbox)).toEqual([
    anna,
    bernd,
  ]);
});

test('a list of one tests that one', async () => {
  const checks = await tested([shared], [...READING]);
  expect(failuresIn(checks)).toEqual([]);
  expect(checks.find(({ stage }) => stage === 'mailbox')?.evidence).toMatchObject({ mailbox: shared });
});

test.each([
  '',
  'anna',
  'anna@',
  'anna@contoso.example\r\nA1 LOGOUT',
  'a@b@c',
  `${'a'.repeat(400)}@contoso.example`,
])('the address "%s" is refused before anything is sent', async (address) => {
  const checks = await tested([anna, address]);
  expect(checks).toHaveLength(1);
  expect(failuresIn(checks)).toEqual(['settings settings-invalid']);
  expect(tenant.sandbox.requests.tokens).toEqual([]);
});

test('something else than text in the list is refused as well', async () => {
  for (const wrong of [5, null, {}]) {
    const checks = await tested([anna, wrong as unknown as string]);
    expect(failuresIn(checks)).toEqual(['settings settings-invalid']);
  }
});

/**
 * Mailboxes of somebody else: shared ones and delegated ones, opened by a user or by an app. Who lacks a right is named
 * the way Exchange's cmdlet wants it.
 */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Connector } from '../../src/index.js';
import { DEMO } from '../../src/sandbox/index.js';
import { plainMessage } from '../support/messages.js';
import {
  checkNamed,
  connected,
  failuresIn,
  openTrial,
  read,
  READING,
  send,
  testConnection,
  type SandboxTenant,
  type Settings,
} from '../support/trial.js';

const { anna, bernd, carmen } = DEMO.people;
const shared = DEMO.sharedMailbox;
let tenant: SandboxTenant;
let connector: Connector;
beforeEach(async () => {
  ({ tenant, connector } = await openTrial());
});
afterEach(() => tenant.stop());

const opening = (mailbox: string, account: string): Settings => ({
  tenant: tenant.sandbox.tenantId,
  mailbox,
  authentication: { method: 'sign-in', clientId: DEMO.signIn.clientId, account },
});
const byPassword = (
  mailbox: string,
  { address, password }: { address: string; password: string },
): Settings => ({
  ...opening(mailbox, address),
  authentication: { method: 'password', clientId: DEMO.signIn.clientId, userName: address, password },
});

test('a shared mailbox is read and sent from by a user who may', async () => {
  tenant.sandbox.mailbox(shared).append('INBOX', plainMessage('an invoice'), {});
  const connection = await connected(connector, tenant, opening(shared, anna.address), anna);
  expect(await read(connector, connection)).toBe(1);
  expect(await send(connector, connection, bernd.address)).toEqual(['accepted']);
  const [arrived] = tenant.sandbox.mailbox(bernd.address).messages('INBOX');
  expect(arrived?.source.toString()).toMatch(new RegExp(`^From: .*${shared}`, 'mu'));
  const checks = await testConnection(connector, connection);
  expect(failuresIn(checks)).toEqual([]);
  expect(checkNamed(checks, 'sign-in:imap').evidence).toMatchObject({ mailbox: shared, as: anna.address });
});

test.each([
  [
    'in the browser',
    async (): Promise<Settings> => connected(connector, tenant, opening(shared, bernd.address), bernd),
  ],
  ['with a password', (): Promise<Settings> => Promise.resolve(byPassword(shared, bernd))],
])('without FullAccess a user who signed in %s is named as the one who lacks it', async (_how, settings) => {
  const checks = await testConnection(connector, await settings(), { activities: READING });
  expect(failuresIn(checks)).toEqual(['mailbox:imap mailbox-not-opened']);
  expect(checkNamed(checks, 'sign-in:imap').status).toBe('passed');
  const { failure } = checkNamed(checks, 'mailbox:imap');
  expect(failure?.parameters).toMatchObject({ mailbox: shared, trustee: bernd.address });
  expect(connector.explain(failure, 'en').remedy).toContain(
    `Add-MailboxPermission -Identity ${shared} -User ${bernd.address} `,
  );
  tenant.sandbox.directory.grantFullAccess(shared, bernd.address);
  expect(await read(connector, await settings())).toBe(0);
});

test('without FullAccess an app is named by the object id of its enterprise application', async () => {
  const { clientId, clientSecret } = DEMO.daemon;
  tenant.sandbox.directory.revokeFullAccess(shared, clientId);
  const connection = {
    ...opening(shared, ''),
    authentication: { method: 'client-secret', clientId, clientSecret },
  };
  const { failure } = checkNamed(await testConnection(connector, connection), 'mailbox:imap');
  const { servicePrincipalObjectId } = tenant.sandbox.directory.application(clientId);
  expect(failure?.parameters).toMatchObject({ trustee: servicePrincipalObjectId });
});

test('a delegate opens a colleague’s mailbox, and their own under the same sign-in', async () => {
  tenant.sandbox.directory.grantFullAccess(carmen.address, anna.address);
  const connection = await connected(connector, tenant, opening(carmen.address, anna.address), anna);
  expect(await read(connector, connection)).toBe(0);
  expect(await read(connector, { ...connection, mailbox: anna.address })).toBe(0);
  await expect(read(connector, { ...connection, mailbox: bernd.address })).rejects.toMatchObject({
    code: 'mailbox-not-opened',
  });
});

test('without FullAccess nothing is sent from a shared mailbox, and the sender’s account is named', async () => {
  await expect(send(connector, byPassword(shared, bernd), carmen.address)).rejects.toMatchObject({
    code: 'smtp-sign-in-refused',
    facts: { parameters: { mailbox: shared, trustee: bernd.address } },
  });
  expect(tenant.sandbox.mailbox(carmen.address).messages('INBOX')).toEqual([]);
});

test('a sign-in as the mailbox itself is wanted where no account is named', async () => {
  const authentication = { method: 'sign-in', clientId: DEMO.signIn.clientId };
  const unnamed = { ...opening(shared, ''), authentication };
  await expect(connected(connector, tenant, unnamed, anna)).rejects.toMatchObject({
    code: 'signed-in-as-other-account',
    facts: { parameters: { actual: anna.address, expected: shared } },
  });
});

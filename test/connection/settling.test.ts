/**
 * "Not yet" or "wrong": a failure says until when it may come right by itself, once something is known to have changed.
 */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openConnector, type Check, type Connector } from '../../src/index.js';
import { DEMO, startSandbox, type Sandbox } from '../../src/sandbox/index.js';
import { openMemoryState, randomVault } from '../../src/state/index.js';
import { failuresIn, READING, testConnection } from '../support/trial.js';
import { clockAt } from '../support/clock.js';

const MINUTE_MS = 60_000;
const { clientId, clientSecret } = DEMO.daemon;
const anna = DEMO.people.anna.address;
const role = 'IMAP.AccessAsApp';
let now: number;
let sandbox: Sandbox;
let connector: Connector;
beforeEach(async () => {
  now = Date.now();
  sandbox = await startSandbox({ seed: false, now: () => now });
  connector = openConnector({
    net: { hosts: sandbox.hosts, trustedRoots: [sandbox.ca] },
    clock: clockAt(() => now),
    store: { state: openMemoryState({ now: () => now }), vault: randomVault() },
  });
});
afterEach(() => sandbox.stop());

const connection = {
  tenant: DEMO.tenantId,
  mailbox: anna,
  authentication: { method: 'client-secret', clientId, clientSecret },
};
/** One test, two seconds after the one before. */
async function testAgain(more: { changedAt?: string; connection?: unknown } = {}): Promise<Check[]> {
  now += 2000;
  const { connection: other = connection, ...rest } = more;
  return testConnection(connector, other, { activities: READING, ...rest });
}
const settlingIn = (checks: readonly Check[]): (string | undefined)[] =>
  checks.filter(({ status }) => status === 'failed').map(({ settling }) => settling?.until);
const at = (time: number): string => new Date(time).toISOString();
const grantRole = (): void => {
  sandbox.directory.grantAppRole(clientId, role);
};
const forgetInExchange = (): void => {
  sandbox.directory.removeExchangeServicePrincipal(clientId);
};

describe('told when something was changed', () => {
  test.each([
    [
      'permissions within 10 minutes',
      () => {
        sandbox.directory.revokeAppRole(clientId, role);
      },
      'role-missing',
      10,
    ],
    ['Exchange’s list of apps within 120', forgetInExchange, 'imap-sign-in-refused', 120],
    [
      'mailbox rights within 120',
      () => {
        sandbox.directory.revokeFullAccess(anna, clientId);
      },
      'mailbox-not-opened',
      120,
    ],
    [
      'secrets within 5',
      () => {
        sandbox.directory.application(clientId).secrets.length = 0;
      },
      'client-secret-wrong',
      5,
    ],
  ])('%s', async (_what, change, code, minutes) => {
    change();
    const changedAt = at(now);
    const until = at(Date.parse(changedAt) + minutes * MINUTE_MS);
    const first = await testAgain({ changedAt });
    expect(first.find(({ status }) => status === 'failed')?.failure?.code).toBe(code);
    expect(settlingIn(first)).toEqual([until]);
    now = Date.parse(until);
    expect(settlingIn(await testAgain({ changedAt }))).toEqual([undefined]);
  });

  test('it is remembered for the next test, which is not told', async () => {
    forgetInExchange();
    const changedAt = at(now);
    await testAgain({ changedAt });
    expect(settlingIn(await testAgain())).toEqual([at(Date.parse(changedAt) + 120 * MINUTE_MS)]);
  });

  test('what does not settle is wrong at once', async () => {
    const wrong = { ...connection, tenant: '00000000-1111-4222-8333-444444444444' };
    expect(settlingIn(await testAgain({ changedAt: at(now), connection: wrong }))).toEqual([undefined]);
  });

  test.each(['yesterday', '', 'NaN', '2026-99-99T00:00:00Z'])('the time "%s" is none', async (changedAt) => {
    forgetInExchange();
    expect(settlingIn(await testAgain({ changedAt }))).toEqual([undefined]);
  });

  test('a success has nothing to settle', async () => {
    const checks = await testAgain({ changedAt: at(now) });
    expect(failuresIn(checks)).toEqual([]);
    expect(checks.every(({ settling }) => settling === undefined)).toBe(true);
  });
});

describe('not told anything', () => {
  test('a failure is wrong', async () => {
    forgetInExchange();
    expect(settlingIn(await testAgain())).toEqual([undefined]);
    expect(settlingIn(await testAgain())).toEqual([undefined]);
  });

  test('a stage that improved since the last test shows that somebody is at work', async () => {
    sandbox.directory.revokeAppRole(clientId, role);
    forgetInExchange();
    expect(settlingIn(await testAgain())).toEqual([undefined]);
    grantRole();
    const improved = await testAgain();
    const until = at(now + 120 * MINUTE_MS);
    expect(failuresIn(improved)).toEqual(['sign-in:imap imap-sign-in-refused']);
    expect(settlingIn(improved)).toEqual([until]);
    expect(settlingIn(await testAgain())).toEqual([until]);
    now += 120 * MINUTE_MS;
    expect(settlingIn(await testAgain())).toEqual([undefined]);
  });

  test('another connection’s improvement tells nothing', async () => {
    sandbox.directory.revokeAppRole(clientId, role);
    forgetInExchange();
    await testAgain();
    grantRole();
    const other = { ...connection, mailbox: DEMO.people.bernd.address };
    expect(settlingIn(await testAgain({ connection: other }))).toEqual([undefined]);
  });

  test('one mailbox of a list that failed says nothing about another tested alone', async () => {
    const { bernd } = DEMO.people;
    sandbox.directory.revokeFullAccess(bernd.address, clientId);
    now += 2000;
    const list = [anna, bernd.address];
    await testConnection(connector, connection, { activities: READING, mailboxes: list });
    sandbox.directory.mailbox(anna).smtpClientAuthenticationDisabled = true;
    now += 2000;
    const alone = await testConnection(connector, connection);
    expect(failuresIn(alone)).toEqual(['sign-in:smtp smtp-closed-for-mailbox']);
    expect(settlingIn(alone)).toEqual([undefined]);
  });
});

test('what worked the last time and is broken now is not "not yet": waiting would mend nothing', async () => {
  sandbox.directory.revokeAppRole(clientId, role);
  await testAgain();
  grantRole();
  forgetInExchange();
  // The token came right, Exchange refuses: this may be on its way.
  expect(settlingIn(await testAgain())[0]).toBeDefined();
  sandbox.directory.addExchangeServicePrincipal(clientId);
  expect(settlingIn(await testAgain())).toEqual([]);
  forgetInExchange();
  expect(settlingIn(await testAgain())).toEqual([undefined]);
});

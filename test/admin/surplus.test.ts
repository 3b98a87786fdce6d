/** What other products' instructions leave behind, and how it is taken away. */
import { describe, expect, test } from '@jest/globals';
import { planSetup, renderPowerShell, rightsFor, surplusOf } from '../../src/admin/index.js';
import { PERMISSION_SETS, permissionSet, type SeedId } from '../support/permission-sets.js';
import { request } from './support/requests.js';

const reading = (identity: 'app' | 'user', method: string) =>
  rightsFor({ identity, method, transports: ['imap', 'smtp'] }).permissions;

test.each<[SeedId, 'app' | 'user', string, string[]]>([
  [
    'jitterbit',
    'user',
    'password',
    [
      'Mail.Send every-mailbox',
      'User.Read.All directory',
      'POP.AccessAsApp granted-mailboxes',
      'IMAP.AccessAsApp granted-mailboxes',
    ],
  ],
  [
    'cevisio',
    'app',
    'client-secret',
    ['full_access_as_app every-mailbox', 'POP.AccessAsApp granted-mailboxes'],
  ],
  ['concept-office', 'app', 'client-secret', ['POP.AccessAsApp granted-mailboxes']],
  ['inet-helpdesk-user', 'user', 'sign-in', []],
  ['inet-helpdesk-app', 'app', 'client-secret', []],
])('the set of %s leaves over what a %s connection does not need', (id, identity, method, expected) => {
  const found = surplusOf(permissionSet(id).permissions, reading(identity, method));
  expect(found.map(({ permission, danger }) => `${permission} ${danger}`).sort()).toEqual(expected.sort());
});

describe('order and reasons', () => {
  test('the farthest-reaching comes first, and full_access_as_app says that it ends', () => {
    const found = surplusOf(
      PERMISSION_SETS.flatMap(({ permissions }) => permissions),
      [],
    );
    expect(found[0]?.danger).toBe('every-mailbox');
    expect(found.find(({ permission }) => permission === 'full_access_as_app')?.why).toBe(
      'setup.dangers.ews',
    );
    expect(
      new Set(found.map(({ resource, kind, permission }) => `${resource}${kind}${permission}`)).size,
    ).toBe(found.length);
  });

  test('a permission that nobody knows is not called harmless', () => {
    const held = [{ resource: 'graph', kind: 'application', permission: 'Sites.FullControl.All' }] as const;
    expect(surplusOf(held, [])[0]).toMatchObject({ danger: 'unknown', why: 'setup.dangers.unknown' });
  });

  test('the copy of a needed scope at the other resource is no surplus', () => {
    const held = [{ resource: 'exchange', kind: 'delegated', permission: 'IMAP.AccessAsUser.All' }] as const;
    expect(surplusOf(held, reading('user', 'sign-in'))).toEqual([]);
    // The control: for an app it is.
    expect(surplusOf(held, reading('app', 'client-secret'))).toHaveLength(1);
  });
});

test('the commands remove exactly the surplus', () => {
  const { permissions } = permissionSet('cevisio');
  const plan = planSetup(
    request('client-secret', ['imap', 'smtp'], { held: permissions, only: ['rights-surplus'] }),
  );
  expect(plan.steps.map(({ id }) => id)).toEqual(['surplus']);
  const table = /\$Surplus = @\(([^)]*)\)/u.exec(renderPowerShell(plan))?.[1] ?? '';
  expect([...table.matchAll(/Name = '([^']+)'/gu)].map(([, name]) => name)).toEqual([
    'full_access_as_app',
    'POP.AccessAsApp',
  ]);
});

/**
 * What everybody meets first: fixed, well-known identifiers. Contoso with four mailboxes in three languages and four
 * apps, a second company, and one private person. The secrets below open nothing but a sandbox on this machine's
 * loopback.
 */
import { Cloud, PERSONAL_TENANT_ID } from './cloud.js';
import { addDemoApplications } from './demo-applications.js';
import { DEMO } from './demo-constants.js';
import { addContosoPeople, addPersonalAccount, addFabrikamPeople } from './demo-people.js';
import { Directory } from './directory.js';

/** Fresh tenants in their working state; tests and people break them from here. */
export function createDemoCloud(now: number): Cloud {
  const contoso = new Directory({
    id: DEMO.tenantId,
    displayName: 'Contoso',
    domains: [DEMO.domain],
  });
  const fabrikam = new Directory({
    id: DEMO.fabrikam.tenantId,
    displayName: 'Fabrikam',
    domains: [DEMO.fabrikam.domain],
  });
  const personal = new Directory({
    id: PERSONAL_TENANT_ID,
    displayName: 'Microsoft Accounts',
    kind: 'personal',
    domains: [DEMO.personal.domain],
    smtpClientAuthenticationDisabled: false,
  });
  addContosoPeople(contoso);
  addFabrikamPeople(fabrikam);
  addPersonalAccount(personal);
  addDemoApplications(contoso, now);
  return new Cloud([contoso, fabrikam, personal]);
}

/**
 * The users and mailboxes of the demo tenants.
 */
import { DEMO } from './demo-constants.js';
import type { Directory } from './directory.js';

export function addContosoPeople(directory: Directory): void {
  const { anna, bernd, carmen } = DEMO.people;
  const people = [
    { ...anna, name: 'Anna Baker', alias: 'anna.baker', language: 'en', objectId: userId(1) },
    { ...bernd, name: 'Bernd Schröder', alias: 'bernd.schroeder', language: 'de', objectId: userId(2) },
    { ...carmen, name: 'Carmen Núñez', alias: 'carmen.nunez', language: 'es', objectId: userId(3) },
  ] as const;
  for (const { address, password, name, alias, language, objectId } of people) {
    directory.addUser({ userPrincipalName: address, objectId, displayName: name, password });
    directory.addMailbox({
      address,
      aliases: [`${alias}@${DEMO.domain}`],
      displayName: name,
      language,
      owner: address,
      // The organisation keeps SMTP AUTH off, as new organisations do; it is opened per mailbox.
      smtpClientAuthenticationDisabled: false,
    });
  }
  directory.addMailbox({
    address: DEMO.sharedMailbox,
    displayName: 'Contoso Invoices',
    smtpClientAuthenticationDisabled: false,
    fullAccess: [anna.address],
    sendAs: [anna.address],
  });
  addAdministrator(directory, DEMO.administrator, userId(4));
}

export function addFabrikamPeople(directory: Directory): void {
  const { address, password } = DEMO.fabrikam.people.erik;
  const displayName = 'Erik Lindqvist';
  directory.addUser({ userPrincipalName: address, objectId: userId(11), displayName, password });
  directory.addMailbox({ address, displayName, owner: address, smtpClientAuthenticationDisabled: false });
  addAdministrator(directory, DEMO.fabrikam.administrator, userId(12));
}

export function addPersonalAccount(directory: Directory): void {
  const { address, password } = DEMO.personal.people.dora;
  const displayName = 'Dora Marques';
  directory.addUser({ userPrincipalName: address, objectId: userId(21), displayName, password });
  directory.addMailbox({ address, displayName, owner: address, imapEnabled: false, popEnabled: false });
}

function addAdministrator(
  directory: Directory,
  { userName, password }: { userName: string; password: string },
  objectId: string,
): void {
  directory.addUser({
    userPrincipalName: userName,
    objectId,
    displayName: `${directory.tenant.displayName} administrator`,
    password,
    isAdministrator: true,
  });
}

function userId(number: number): string {
  return `a0000000-0365-4000-8000-${String(number).padStart(12, '0')}`;
}

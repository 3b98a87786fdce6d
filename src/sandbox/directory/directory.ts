/**
 * The tenant's directory and Exchange's part of it: who and what exists, who was granted what.
 * Servers read it, administrators (a person, a test) change it. It answers questions about state and never speaks
 * a protocol; nothing here may produce an error text for a client.
 */
import type { JsonWebKey } from 'node:crypto';
import { createPublicKey } from 'node:crypto';
import { describeCertificate } from './certificates.js';
import type {
  Application,
  ClientSecret,
  FederatedCredential,
  Mailbox,
  RedirectType,
  Tenant,
  User,
} from './entities.js';
import type { NewApplication, NewMailbox, NewTenant, NewUser } from './new-entities.js';
import {
  createApplication,
  createMailbox,
  createServicePrincipal,
  createTenant,
  createUser,
  normalize,
} from './new-entities.js';

/** The public key as PEM or as JSON Web Key; the audience is api://AzureADTokenExchange unless said otherwise. */
export type NewFederatedCredential = Pick<FederatedCredential, 'issuer' | 'subject'> & {
  readonly audience?: string;
  readonly publicKey: string | JsonWebKey;
};

const TOKEN_EXCHANGE = 'api://AzureADTokenExchange';

export class Directory {
  readonly tenant: Tenant;
  readonly #applications = new Map<string, Application>();
  readonly #users = new Map<string, User>();
  readonly #mailboxes = new Map<string, Mailbox>();

  constructor(tenant: NewTenant) {
    this.tenant = createTenant(tenant);
  }

  get applications(): Application[] {
    return [...this.#applications.values()];
  }

  get users(): User[] {
    return [...this.#users.values()];
  }

  get mailboxes(): Mailbox[] {
    return [...this.#mailboxes.values()];
  }

  // --- app registrations -------------------------------------------------------------------------------------

  addApplication(settings: NewApplication): Application {
    const application = createApplication(settings);
    this.#applications.set(application.clientId.toLowerCase(), application);
    return application;
  }

  /**
   * The enterprise application of an app registered elsewhere, which is what consent creates. Nothing is granted yet.
   */
  addServicePrincipal(registration: Application): Application {
    const application = createServicePrincipal(registration);
    this.#applications.set(application.clientId.toLowerCase(), application);
    return application;
  }

  /** Whether the app was registered here, rather than consented to. */
  isHomeOf(application: Application): boolean {
    return Object.hasOwn(application, 'clientId');
  }

  /** Deletes an app, or at least its enterprise application here. Returns how to restore it. */
  removeApplication(clientId: string): () => void {
    return remove(this.#applications, clientId.toLowerCase());
  }

  /** Uploads a certificate (PEM). @throws when it is none */
  addCertificate(clientId: string, certificate: string): void {
    this.application(clientId).certificates.push(describeCertificate(certificate));
  }

  removeCertificates(clientId: string): void {
    this.application(clientId).certificates.length = 0;
  }

  addFederatedCredential(clientId: string, credential: NewFederatedCredential): void {
    const publicKey =
      typeof credential.publicKey === 'string'
        ? credential.publicKey
        : createPublicKey({ key: credential.publicKey, format: 'jwk' })
            .export({ type: 'spki', format: 'pem' })
            .toString();
    this.application(clientId).federatedCredentials.push({
      audience: TOKEN_EXCHANGE,
      ...credential,
      publicKey,
    });
  }

  addRedirectUri(clientId: string, uri: string, type: RedirectType): void {
    this.application(clientId).redirectUris.push({ uri, type });
  }

  findApplication(clientId: string): Application | undefined {
    return this.#applications.get(clientId.toLowerCase());
  }

  /** @throws when no such app registration exists */
  application(clientId: string): Application {
    return required(this.findApplication(clientId), `app registration ${clientId}`);
  }

  addClientSecret(clientId: string, secret: ClientSecret): void {
    this.application(clientId).secrets.push(secret);
  }

  /** Lets every secret of the app expire at the given time (milliseconds since the epoch). */
  expireClientSecrets(clientId: string, at: number): void {
    for (const secret of this.application(clientId).secrets) secret.expiresAt = at;
  }

  grantAppRole(clientId: string, role: string): void {
    this.application(clientId).appRoles.add(role);
  }

  revokeAppRole(clientId: string, role: string): void {
    this.application(clientId).appRoles.delete(role);
  }

  grantDelegatedScope(clientId: string, scope: string): void {
    this.application(clientId).delegatedScopes.add(scope);
  }

  revokeDelegatedScope(clientId: string, scope: string): void {
    this.application(clientId).delegatedScopes.delete(scope);
  }

  /** New-ServicePrincipal; without an object id, the right one. */
  addExchangeServicePrincipal(clientId: string, objectId?: string): void {
    const application = this.application(clientId);
    application.exchangeServicePrincipal = objectId ?? application.servicePrincipalObjectId;
  }

  removeExchangeServicePrincipal(clientId: string): void {
    this.application(clientId).exchangeServicePrincipal = undefined;
  }

  /** New-ManagementRoleAssignment -App -Role -CustomResourceScope: a role such as 'Application Mail.Read', for these mailboxes. */
  assignExchangeRole(clientId: string, role: string, addresses: readonly string[]): void {
    const mailboxes = addresses.map((address) => this.mailbox(address).address);
    this.application(clientId).exchangeRoles.set(role, new Set(mailboxes));
  }

  // --- users -------------------------------------------------------------------------------------------------

  addUser(settings: NewUser): User {
    const user = createUser(settings);
    this.#users.set(user.userPrincipalName.toLowerCase(), user);
    return user;
  }

  findUser(userPrincipalName: string): User | undefined {
    return this.#users.get(userPrincipalName.toLowerCase());
  }

  /** @throws when no such user exists */
  user(userPrincipalName: string): User {
    return required(this.findUser(userPrincipalName), `user ${userPrincipalName}`);
  }

  /** Returns how to restore the user. */
  removeUser(userPrincipalName: string): () => void {
    return remove(this.#users, normalize(userPrincipalName));
  }

  /** "Revoke sessions": refresh tokens issued before the given time (milliseconds) are worth nothing (50173). */
  revokeSignInSessions(userPrincipalName: string, at: number): void {
    this.user(userPrincipalName).signInSessionsValidFrom = at;
  }

  // --- mailboxes ---------------------------------------------------------------------------------------------

  addMailbox(settings: NewMailbox): Mailbox {
    const mailbox = createMailbox(settings);
    this.#mailboxes.set(normalize(mailbox.address), mailbox);
    return mailbox;
  }

  /** The messages stay in the store. Returns how to restore the mailbox. */
  removeMailbox(address: string): () => void {
    return remove(this.#mailboxes, normalize(this.mailbox(address).address));
  }

  /** By primary address, alias, or the owner's UPN. */
  findMailbox(address: string): Mailbox | undefined {
    const wanted = normalize(address);
    const direct = this.#mailboxes.get(wanted);
    if (direct !== undefined) return direct;
    return this.mailboxes.find(
      ({ aliases, owner }) =>
        aliases.some((alias) => normalize(alias) === wanted) ||
        (owner !== undefined && normalize(owner) === wanted),
    );
  }

  /** @throws when no such mailbox exists */
  mailbox(address: string): Mailbox {
    return required(this.findMailbox(address), `mailbox ${address}`);
  }

  /** Add-MailboxPermission -AccessRights FullAccess; the trustee is a UPN or the client id of an app. */
  grantFullAccess(address: string, trustee: string): void {
    this.mailbox(address).fullAccess.add(this.#trusteeKey(trustee));
  }

  revokeFullAccess(address: string, trustee: string): void {
    this.mailbox(address).fullAccess.delete(this.#trusteeKey(trustee));
  }

  /** Add-RecipientPermission -AccessRights SendAs; the trustee is a UPN, a mailbox address or the client id of an app. */
  grantSendAs(address: string, trustee: string): void {
    this.mailbox(address).sendAs.add(this.#trusteeKey(trustee));
  }

  revokeSendAs(address: string, trustee: string): void {
    this.mailbox(address).sendAs.delete(this.#trusteeKey(trustee));
  }

  /** Whether an address lies in one of the tenant's accepted domains. */
  hasDomain(address: string): boolean {
    const domain = normalize(address.slice(address.lastIndexOf('@') + 1));
    return this.tenant.domains.includes(domain);
  }

  /** Permissions on mailboxes name an app by the object id of its service principal. */
  #trusteeKey(trustee: string): string {
    return normalize(this.findApplication(trustee)?.servicePrincipalObjectId ?? trustee);
  }
}

function remove<Entity>(entities: Map<string, Entity>, key: string): () => void {
  const entity = entities.get(key);
  entities.delete(key);
  return () => {
    if (entity !== undefined) entities.set(key, entity);
  };
}

function required<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`The sandbox tenant has no ${what}.`);
  return value;
}

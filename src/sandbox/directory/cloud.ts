/**
 * All tenants of the sandbox: which tenant a name means, where an app is registered, where a user lives.
 * Answers questions about state; refuses nothing itself.
 */
import type { Directory } from './directory.js';
import type { Application, Mailbox, User } from './entities.js';

/** The tenant of all personal accounts, the same for everybody. */
export const PERSONAL_TENANT_ID = '9188040d-6c67-4c5b-b112-36a304b66dad';

export interface Account {
  readonly directory: Directory;
  readonly user: User;
}

export class Cloud {
  /** The tenant everybody meets first stands first. */
  readonly tenants: readonly Directory[];

  constructor(tenants: readonly Directory[]) {
    this.tenants = tenants;
  }

  /** By id or by one of its domains. */
  findTenant(name: string): Directory | undefined {
    const wanted = name.toLowerCase();
    return this.tenants.find(({ tenant }) => tenant.id === wanted || tenant.domains.includes(wanted));
  }

  /** @throws when no such tenant exists */
  tenant(name: string): Directory {
    const found = this.findTenant(name);
    if (found === undefined) throw new Error(`The sandbox has no tenant ${name}.`);
    return found;
  }

  /** The app as its home tenant registered it. */
  findRegistration(clientId: string): Application | undefined {
    for (const directory of this.tenants) {
      const application = directory.findApplication(clientId);
      if (application !== undefined && directory.isHomeOf(application)) return application;
    }
    return undefined;
  }

  findMailbox(address: string): Mailbox | undefined {
    for (const directory of this.tenants) {
      const mailbox = directory.findMailbox(address);
      if (mailbox !== undefined) return mailbox;
    }
    return undefined;
  }

  findAccount(userPrincipalName: string): Account | undefined {
    for (const directory of this.tenants) {
      const user = directory.findUser(userPrincipalName);
      if (user !== undefined) return { directory, user };
    }
    return undefined;
  }
}

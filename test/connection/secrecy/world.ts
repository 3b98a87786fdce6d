/**
 * A tenant, a wire that is read along, a database on the disk, and the search that knows every secret of them. Owns:
 * their beginning, and peace between two troubles.
 */
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openConnector, type Connector } from '../../../src/index.js';
import { DEMO } from '../../../src/sandbox/index.js';
import { openDatabaseState, openVault, type State } from '../../../src/state/index.js';
// Loaded beforehand: Jest's loader fails where two dynamic imports share a module that it does not have yet.
import '../../../src/state/sql/sqlite.js';
import { Canaries } from '../../support/canaries.js';
import { CONTROL_TOKEN, startLoginWire, type LoginWire } from '../../support/login-wire.js';
import { plainMessage } from '../../support/messages.js';
import { openSandboxTenant } from '../../support/sandbox-tenant.js';
import type { SandboxTenant, Settings } from '../../support/trial.js';

const { anna } = DEMO.people;
/** Characters that every encoding changes. */
export const AWKWARD = 'Gänse+/füßchen="&<%7E>\\~';

export interface World {
  readonly tenant: SandboxTenant;
  readonly wire: LoginWire;
  readonly canaries: Canaries;
  readonly state: State;
  readonly folder: string;
  /** What a server would repeat: the last access token. */
  lastToken(): string;
}
export async function openWorld(): Promise<World> {
  const tenant = await openSandboxTenant();
  tenant.sandbox.deviceCodes.intervalSeconds = 1;
  const canaries = new Canaries();
  canaries.plant('access token', CONTROL_TOKEN);
  let lastToken = '';
  const wire = await startLoginWire(tenant.sandbox, (field, secret) => {
    canaries.plant(field, secret);
    if (field === 'access_token') lastToken = secret;
  });
  const folder = await mkdtemp(join(tmpdir(), 'secrecy-'));
  const state = await openDatabaseState({ file: join(folder, 'state.db') });
  await tenant.deliver('anna', 'INBOX', plainMessage('for Anna'));
  return { tenant, wire, canaries, state, folder, lastToken: () => lastToken };
}

/** As it was before the trouble, and as a process finds it that starts anew: without access tokens. */
export async function atPeace({ wire, tenant, state }: World): Promise<void> {
  wire.mischief = 'none';
  tenant.sandbox.answers.clear();
  for (const { key } of await state.list('access-tokens')) {
    await state.remove('access-tokens', key, { expect: 'any' });
  }
}

/** A connector that starts from nothing but the stored sign-ins, at its most talkative. */
export function connectorFor(
  { tenant, wire, state, folder }: World,
  transcript: string[],
  hosts = {},
): Connector {
  return openConnector({
    net: {
      hosts: { ...tenant.net.hosts, ...wire.hosts, ...hosts },
      trustedRoots: [...tenant.net.trustedRoots, wire.ca],
      connectTimeoutMs: 3_000,
      idleTimeoutMs: 3_000,
      tap: (entry) => transcript.push(JSON.stringify(entry)),
    },
    store: { state, vault: openVault([Buffer.alloc(32, 3)]) },
    assertionFolders: [folder],
  });
}

export const settingsOf = (authentication: Record<string, unknown>): Settings => ({
  tenant: DEMO.tenantId,
  mailbox: anna.address,
  authentication,
});

/** The database as it lies on the disk. */
export function databaseBytes({ folder }: World): Buffer {
  return Buffer.concat(
    ['', '-wal', '-shm']
      .map((end) => join(folder, `state.db${end}`))
      .filter((file) => existsSync(file))
      .map((file) => readFileSync(file)),
  );
}

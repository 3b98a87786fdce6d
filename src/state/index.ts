/** What other rooms may use of this one. Loads no driver of a database: database.ts does, at first use. */
export {
  openDatabaseState,
  openPostgresState,
  type DatabaseOptions,
  type PostgresOptions,
  type PostgresPool,
} from './database.js';
export { keysFromFile, type KeyFileOptions } from './key-file.js';
export { KEY_VARIABLE, keysFromEnvironment } from './key-ring.js';
export { openLocalStore, type LocalStoreOptions } from './local-store.js';
export { openMemoryState } from './memory.js';
export { defaultPlaces, type Places } from './places.js';
export type {
  CommitOptions,
  Expected,
  Json,
  Lease,
  LeaseOptions,
  ListOptions,
  PutOptions,
  Spending,
  SpendOptions,
  Spent,
  State,
  StateEntry,
  StateWrite,
} from './port.js';
export { proveKey, reseal } from './reseal.js';
export { KEY_BYTES, openVault, placeOf, randomVault, type Vault } from './vault.js';

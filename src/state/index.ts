/** What other rooms may use of this one. */
export { KEY_VARIABLE, keysFromEnvironment } from './key-ring.js';
export { openMemoryState } from './memory.js';
export type {
  CommitOptions,
  Expected,
  Json,
  Lease,
  LeaseOptions,
  ListOptions,
  PutOptions,
  SpendOptions,
  Spent,
  State,
  StateEntry,
  StateWrite,
} from './port.js';
export { proveKey, reseal } from './reseal.js';
export { KEY_BYTES, openVault, placeOf, randomVault, type Vault } from './vault.js';

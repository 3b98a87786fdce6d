/**
 * What IMAP is asked for and what is left to us, for a person to read. Says what find() does, from the same table.
 */
import type { Explain } from '../reading.js';
import { planOf } from './search-keys.js';

/** The same for both purposes: UIDs of a range are just one more key. */
export const explainImap: Explain = (conditions) =>
  conditions.map((condition) => ({ condition, ...planOf(condition) }));

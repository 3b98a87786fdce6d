/** What Read Email remembers between runs, put together: reading positions, and what became of messages. */
import type { State } from '../../state/index.js';
import { Handled } from './handled.js';
import { Positions } from './position.js';

export interface Memory {
  readonly positions: Positions;
  readonly handled: Handled;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export function openMemory(state: State, now: () => number): Memory {
  return { positions: new Positions(state, now), handled: new Handled(state, now), now };
}

/**
 * Administrator's switches of the sandbox under names that a person can type: each puts the tenant into a state
 * that real tenants are found in, and back.
 */
import { STATES, type Sandbox } from '../sandbox/index.js';

type Switch = (sandbox: Sandbox, broken: boolean) => void;

export const SANDBOX_SWITCHES: Readonly<Record<string, Switch>> = Object.fromEntries(
  STATES.map((state): [string, Switch] => [
    state.id,
    (sandbox, broken) => {
      if (broken) state.apply(sandbox);
      else state.undo(sandbox);
    },
  ]),
);

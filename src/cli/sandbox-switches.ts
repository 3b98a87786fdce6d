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

/** The switches for a reader: what each is, and which of the connection files feels it. */
export function describeSwitches(): string[] {
  return STATES.map(
    ({ id, title, signInWith }) => `${id}\n    ${title} (${FILES[signInWith] ?? signInWith})`,
  );
}

const FILES: Readonly<Partial<Record<string, string>>> = {
  'client-secret': 'connection.json',
  password: 'connection-password.json',
  'sign-in': 'connection-sign-in.json, while signing in',
  'device-code': 'connection-device-code.json, while signing in',
  refresh: 'connection-sign-in.json, after signing in',
};

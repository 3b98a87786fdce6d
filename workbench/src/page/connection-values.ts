/**
 * The few fields of a connection that the page itself works with: who signs in how, and for which mailboxes.
 * Everything else of the form is drawn without knowing a name.
 */
import type { Manifest } from '../../../src/generated/types.js';
import type { Values } from '../form/values.js';

type AuthMethod = Manifest['connectionTypes'][number]['authMethods'][number];

function part(values: Values, name: string): Values {
  const value = values[name];
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Values) : {};
}

export function authMethodOf(values: Values, methods: readonly AuthMethod[]): AuthMethod | undefined {
  const chosen = part(values, 'authentication')['method'];
  return methods.find(({ id }) => id === chosen);
}

export function hasSession(values: Values): boolean {
  return part(values, 'authentication')['session'] !== undefined;
}

export function hasClientSecret(values: Values): boolean {
  return part(values, 'authentication')['clientSecret'] !== undefined;
}

/** The same with the handle of a stored sign-in, or without one. */
export function withSession(values: Values, session: string | undefined): Values {
  const { session: _former, ...rest } = part(values, 'authentication');
  return { ...values, authentication: session === undefined ? rest : { ...rest, session } };
}

/** The connection's own mailbox and those that records may choose; empty when there is only the one. */
export function allMailboxesOf(values: Values): readonly string[] {
  const allowed = values['allowedMailboxes'];
  if (!Array.isArray(allowed) || allowed.length === 0) return [];
  return [...new Set([values['mailbox'], ...(allowed as readonly unknown[])].map(String))];
}

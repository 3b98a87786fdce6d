/**
 * A state that real tenants are found in: what an administrator did or left undone, and the answer it provokes.
 */
import { DEMO } from '../directory/demo-constants.js';
import type { Directory } from '../directory/directory.js';
import type { Application, Mailbox, Tenant, User } from '../directory/entities.js';
import type { Sandbox } from '../start.js';

export interface SandboxState {
  /** A name that a person can type. */
  readonly id: string;
  readonly title: string;
  /** Id of the answer in the product's catalogue of server replies. */
  readonly provokes: string;
  /** Which server gives it. */
  readonly at: 'token' | 'imap' | 'pop3' | 'smtp' | 'graph';
  /** The way of signing in that meets it; 'refresh' signs in first and applies the state afterwards. */
  readonly signInWith: SignInWay;
  /** The demo app to sign in with. The user is always Anna. */
  readonly clientId: string;
  /** What a message has to look like to meet it; otherwise any will do. */
  readonly message?: { readonly from?: string; readonly to?: string };
  apply(sandbox: Sandbox): void;
  /** Puts back what `apply` found. */
  undo(sandbox: Sandbox): void;
}

export type SignInWay =
  | 'client-secret'
  | 'certificate'
  | 'federated-credential'
  | 'sign-in'
  | 'device-code'
  | 'password'
  | 'refresh';

/** Applies a change and returns how to take it back. */
export type Change = (sandbox: Sandbox) => () => void;

export type StateFacts = Omit<SandboxState, 'apply' | 'undo'>;

export function state(facts: StateFacts, change: Change): SandboxState {
  const applied = new WeakMap<Sandbox, () => void>();
  return {
    ...facts,
    apply(sandbox) {
      // Applied twice is applied once: otherwise the broken value would be taken for the one to go back to.
      if (!applied.has(sandbox)) applied.set(sandbox, change(sandbox));
    },
    undo(sandbox) {
      applied.get(sandbox)?.();
      applied.delete(sandbox);
    },
  };
}

/** Sets one property and remembers what it was. */
export function set<Target extends object, Key extends keyof Target>(
  target: Target,
  key: Key,
  value: Target[Key],
): () => void {
  const before = target[key];
  target[key] = value;
  return () => {
    target[key] = before;
  };
}

/** Several changes as one; taken back in reverse order. */
export function both(...changes: readonly Change[]): Change {
  return (sandbox) => {
    const undo = changes.map((change) => change(sandbox));
    return () => {
      for (const step of undo.toReversed()) step();
    };
  };
}

/** Takes a value out of a set. */
export function without<Value>(values: Set<Value>, value: Value): () => void {
  const was = values.delete(value);
  return () => {
    if (was) values.add(value);
  };
}

/** Replaces everything in an array. */
export function replace<Value>(values: Value[], ...instead: Value[]): () => void {
  const before = values.splice(0, values.length, ...instead);
  return () => {
    values.splice(0, values.length, ...before);
  };
}

export const ANNA = DEMO.people.anna.address;
export const app =
  (clientId: string, change: (application: Application) => () => void): Change =>
  ({ directory }) =>
    change(directory.application(clientId));
export const anna =
  <Key extends keyof User>(key: Key, value: User[Key]): Change =>
  ({ directory }) =>
    set(directory.user(ANNA), key, value);
export const annasMailbox =
  <Key extends keyof Mailbox>(key: Key, value: Mailbox[Key]): Change =>
  ({ directory }) =>
    set(directory.mailbox(ANNA), key, value);
export const tenant =
  <Key extends keyof Tenant>(key: Key, value: Tenant[Key]): Change =>
  ({ directory }) =>
    set(directory.tenant, key, value);
export const inDirectory =
  (change: (directory: Directory) => () => void): Change =>
  ({ directory }) =>
    change(directory);

/**
 * Who agreed to what: an administrator for everybody, a user for themselves.
 */
import type { Application, User } from '../directory/entities.js';

/** Delegated permissions in force for one user. */
export function listConsented(application: Application, user: User): string[] {
  const own = application.userConsents.get(user.userPrincipalName.toLowerCase()) ?? [];
  return [...new Set([...application.delegatedScopes, ...own])];
}

export function consentAsUser(application: Application, user: User, permissions: Iterable<string>): void {
  const key = user.userPrincipalName.toLowerCase();
  const known = application.userConsents.get(key) ?? [];
  application.userConsents.set(key, new Set([...known, ...permissions]));
}

/** What the administrator's consent page grants: everything the registration lists. */
export function consentAsAdministrator(application: Application): void {
  for (const role of application.requestedAppRoles) application.appRoles.add(role);
  for (const scope of application.requestedScopes) application.delegatedScopes.add(scope);
}

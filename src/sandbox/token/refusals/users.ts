/**
 * Refusals about who signs in: account, password, assignment.
 */
import type { RefusalTable } from './refusal.js';

export const USERS = {
  16000: {
    error: 'interaction_required',
    status: 400,
    text: 'The selected account does not exist in the tenant and cannot access the application. Use a different account.',
  },
  16003: { error: 'invalid_grant', status: 400, text: 'The user is not added to the tenant.' },
  50020: {
    error: 'invalid_grant',
    status: 400,
    text: "User account '{user}' from identity provider '{issuer}' does not exist in tenant '{tenant}' and cannot access the application '{app}'({name}) in that tenant. The account needs to be added as an external user in the tenant first. Sign out and sign in again with a different Azure Active Directory user account.",
  },
  50034: {
    error: 'invalid_grant',
    status: 400,
    text: 'The user account {user} does not exist in the {tenant} directory. To sign into this application, the account must be added to the directory.',
  },
  50053: {
    error: 'invalid_grant',
    status: 400,
    text: 'The account is locked, you have tried to sign in too many times with an incorrect user ID or password.',
  },
  50055: {
    error: 'invalid_grant',
    status: 400,
    text: 'The password is expired.',
    suberror: 'user_password_expired',
  },
  50056: {
    error: 'invalid_grant',
    status: 400,
    text: 'Invalid or null password: password does not exist in the directory for this user.',
  },
  50057: { error: 'invalid_grant', status: 400, text: 'The user account is disabled.' },
  50058: {
    error: 'login_required',
    status: 400,
    text: 'A silent sign-in request was sent but no user is signed in.',
  },
  50105: {
    error: 'interaction_required',
    status: 400,
    text: "Your administrator has configured the application {name} ('{app}') to block users unless they are specifically granted ('assigned') access to the application. The signed-in user '{user}' is blocked because they are not a direct member of a group with access, nor had access directly assigned by an administrator.",
  },
  50125: {
    error: 'interaction_required',
    status: 400,
    text: 'Sign-in was interrupted due to a password reset or password registration entry.',
    suberror: 'additional_action',
  },
  50126: {
    error: 'invalid_grant',
    status: 400,
    text: 'Error validating credentials due to invalid username or password.',
  },
  50132: {
    error: 'invalid_grant',
    status: 400,
    text: 'The session is not valid: the password has expired or was changed recently.',
  },
  50133: {
    error: 'invalid_grant',
    status: 400,
    text: 'Session is invalid due to expiration or recent password change.',
    suberror: 'bad_token',
  },
  50135: {
    error: 'interaction_required',
    status: 400,
    text: 'Password change is required due to account risk.',
    suberror: 'additional_action',
  },
  50144: {
    error: 'invalid_grant',
    status: 400,
    text: "The user's Active Directory password has expired.",
    suberror: 'user_password_expired',
  },
  51004: {
    error: 'invalid_grant',
    status: 400,
    text: 'The user account {user} does not exist in the {tenant} directory.',
  },
  80001: {
    error: 'temporarily_unavailable',
    status: 503,
    text: 'The Authentication Agent is unable to connect to Active Directory.',
  },
  80002: {
    error: 'temporarily_unavailable',
    status: 503,
    text: "The Authentication Agent's password validation request timed out.",
  },
  80007: {
    error: 'temporarily_unavailable',
    status: 503,
    text: "The Authentication Agent is unable to validate the user's password.",
  },
  80012: {
    error: 'invalid_grant',
    status: 400,
    text: 'The user tried to sign in outside of the allowed hours.',
  },
  80013: {
    error: 'invalid_grant',
    status: 400,
    text: 'The authentication attempt could not be completed due to time skew between the machine running the authentication agent and Active Directory.',
  },
  80014: {
    error: 'temporarily_unavailable',
    status: 503,
    text: 'The validation request was answered after the maximum elapsed time.',
  },
  90072: {
    error: 'invalid_grant',
    status: 400,
    text: "User account '{user}' from external identity provider does not exist in the tenant and cannot be used here.",
  },
  500208: {
    error: 'invalid_request',
    status: 400,
    text: 'The domain is not a valid login domain for the account type.',
  },
} as const satisfies RefusalTable;

/**
 * A Microsoft 365 tenant in a box: token endpoint, IMAP, POP3 and SMTP servers on this machine's loopback, with a directory
 * whose switches a person or a test can flip. Imports nothing from the rest of the product, so that the product cannot
 * vouch for itself. This file is the public face; nothing else is meant to be imported from outside.
 */
import type { Sandbox, SandboxOptions } from './start.js';
import { startWithIdentity } from './start.js';
import { openTenantIdentity } from './tls/tenant-identity.js';

export type {
  GraphAnswerScript,
  GraphStep,
  ImapStep,
  LineScript,
  Pop3Step,
  SmtpStep,
  TokenAnswerScript,
} from './answers/answers.js';
export type { Cloud } from './directory/cloud.js';
export { DEMO } from './directory/demo-constants.js';
export type { Directory } from './directory/directory.js';
export type { Application, ClientSecret, Language, Mailbox, Tenant, User } from './directory/entities.js';
export type { NewFederatedCredential } from './directory/directory.js';
export type { ClientCertificate } from './tls/client-certificate.js';
export { createClientCertificate } from './tls/client-certificate.js';
export type { WorldMessage } from './smtp/delivery.js';
export type { Sandbox, SandboxOptions } from './start.js';
export { STATES } from './states/index.js';
export type { SandboxState, SignInWay } from './states/state.js';
export type { AppendOptions, MessageView, SandboxMailbox } from './store/sandbox-mailbox.js';
export type { RequestLog, TokenRequestEntry } from './token/request-log.js';

/** Starts a tenant of its own with the demo directory (see DEMO). Takes 0.1 to 0.5 s, nearly all of it for RSA primes. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  return startWithIdentity(openTenantIdentity(options.dataDir), options);
}

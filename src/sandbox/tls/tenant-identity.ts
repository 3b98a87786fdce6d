/**
 * The keys a sandbox lives by: its root, its servers' certificate, its token-signing key. With a data folder they
 * survive restarts, so that a client which trusts the root once keeps trusting it.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { readIfPresent, writeWhole } from '../store/disk-storage.js';
import { SigningKey } from '../token/signing-key.js';
import type { Authority, ServerIdentity } from './certificates.js';
import { createAuthority, issueServerCertificate } from './certificates.js';

export interface TenantIdentity {
  /** PEM of the root. */
  readonly ca: string;
  readonly server: ServerIdentity;
  readonly signingKey: SigningKey;
}

const HOST_NAMES = [
  'login.microsoftonline.com',
  'outlook.office365.com',
  'smtp.office365.com',
  'smtp-mail.outlook.com',
  'graph.microsoft.com',
  'outlook.office.com',
  'localhost',
  '127.0.0.1',
];

export async function openTenantIdentity(dataDir: string | undefined): Promise<TenantIdentity> {
  const kept = dataDir === undefined ? undefined : readKept(dataDir);
  const signingKeyReady = kept?.signingKey ?? SigningKey.generate();
  const authority = kept?.authority ?? createAuthority();
  const server = issueServerCertificate(authority, HOST_NAMES);
  const signingKey = await signingKeyReady;
  if (dataDir !== undefined && kept === undefined) keep(dataDir, authority, signingKey);
  return { ca: authority.certificate, server, signingKey };
}

function readKept(dataDir: string): { authority: Authority; signingKey: SigningKey } | undefined {
  const certificate = readIfPresent(join(dataDir, 'ca.pem'));
  const privateKey = readIfPresent(join(dataDir, 'ca-key.pem'));
  const signing = readIfPresent(join(dataDir, 'token-key.pem'));
  if (certificate === '' || privateKey === '' || signing === '') return undefined;
  return { authority: { certificate, privateKey }, signingKey: SigningKey.fromPem(signing) };
}

function keep(dataDir: string, authority: Authority, signingKey: SigningKey): void {
  mkdirSync(dataDir, { recursive: true });
  writeWhole(join(dataDir, 'token-key.pem'), signingKey.pem);
  writeWhole(join(dataDir, 'ca-key.pem'), authority.privateKey);
  writeWhole(join(dataDir, 'ca.pem'), authority.certificate, 0o644);
}

/**
 * Opens an IMAP reading session on a test tenant, with a token of its own: no connection, no activity in between.
 */
import { openImapReading } from '../../../src/mail/index.js';
import type { ReadingSession } from '../../../src/mail/reading.js';
import { exchangeHttps, routeTo, type NetPolicy } from '../../../src/net/index.js';
import type { Person, TestTenant } from '../../support/tenant.js';

const HOST = 'outlook.office365.com';
const PORT = 993;

interface AppConnection {
  readonly tenant: string;
  readonly authentication: { readonly clientId: string; readonly clientSecret: string };
}

export async function openReading(
  tenant: TestTenant,
  person: Person = 'anna',
  net: NetPolicy = tenant.net,
  signal?: AbortSignal,
): Promise<ReadingSession> {
  const token = await appToken(tenant, person);
  const context = {
    host: HOST,
    port: PORT,
    mailbox: tenant.address(person),
    signedIn: 'app',
    trustee: 'app',
  };
  return openImapReading(routeTo(net, HOST, PORT), token, context, signal);
}

/** The network policy of the tenant, with IMAP led to another address: that of a relay, or of a scripted server. */
export function imapAt(tenant: TestTenant, address: string, more: Partial<NetPolicy> = {}): NetPolicy {
  return { ...tenant.net, hosts: { ...tenant.net.hosts, [`${HOST}:${String(PORT)}`]: address }, ...more };
}

export function imapAddress(tenant: TestTenant): string {
  return tenant.net.hosts[`${HOST}:${String(PORT)}`] ?? '';
}

export async function appToken(tenant: TestTenant, person: Person): Promise<string> {
  const { tenant: id, authentication } = tenant.connection(person) as unknown as AppConnection;
  const answer = await exchangeHttps(tenant.net, {
    method: 'POST',
    url: `https://login.microsoftonline.com/${id}/oauth2/v2.0/token`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: authentication.clientId,
      client_secret: authentication.clientSecret,
      scope: 'https://outlook.office365.com/.default',
    }).toString(),
  });
  const { access_token: token } = JSON.parse(answer.body) as { access_token?: string };
  if (token === undefined) throw new Error(`No token: ${answer.body}`);
  return token;
}

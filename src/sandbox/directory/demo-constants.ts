/**
 * Names, identifiers and secrets of the demo tenants. Data only.
 */
import { PERSONAL_TENANT_ID } from './cloud.js';

export const DEMO = {
  tenantId: 'c0a7050e-0365-4b0c-9a11-5a4db0c5e365',
  domain: 'contoso.example',
  /** App-only access: client credentials, application permissions, full access to every mailbox. */
  daemon: { clientId: '11111111-0365-4da1-8a3e-000000000001', clientSecret: 'sandbox~daemon-secret-value' },
  /** The same over POP3, and no right besides. */
  pop3: { clientId: '55555555-0365-4da1-8a3e-000000000005', clientSecret: 'sandbox~pop3-secret-value' },
  /** The same over Microsoft Graph, and no right besides. */
  graph: { clientId: '66666666-0365-4da1-8a3e-000000000006', clientSecret: 'sandbox~graph-secret-value' },
  /** Sending over Microsoft Graph: whole messages, and drafts to which large files are added. */
  graphSender: {
    clientId: '77777777-0365-4da1-8a3e-000000000007',
    clientSecret: 'sandbox~graph-sender-secret-value',
  },
  /** Access on behalf of a user: browser, device code, or user name and password (ROPC); a public client. */
  signIn: { clientId: '22222222-0365-4da1-8a3e-000000000002' },
  /** Access on behalf of a user through a web server: a confidential client with a secret. */
  web: { clientId: '33333333-0365-4da1-8a3e-000000000003', clientSecret: 'sandbox~web-secret-value' },
  /** For users of any company and private persons; nobody outside Contoso has consented to it. */
  multiTenant: {
    clientId: '44444444-0365-4da1-8a3e-000000000004',
    clientSecret: 'sandbox~multi-tenant-secret-value',
  },
  redirectUris: {
    localhost: 'http://localhost',
    /** Any port may be put between host and path. */
    loopback: 'http://localhost/sign-in/callback',
    web: 'https://connector.example/sign-in/callback',
  },
  people: {
    anna: { address: 'anna@contoso.example', password: 'Winter-in-Oslo-7' },
    bernd: { address: 'bernd@contoso.example', password: 'Sommer-in-Kiel-8' },
    carmen: { address: 'carmen@contoso.example', password: 'Enero-en-Cadiz-9' },
  },
  /** Has no mailbox; may consent for all of Contoso. */
  administrator: { userName: 'admin@contoso.example', password: 'Keys-to-the-house-1' },
  sharedMailbox: 'invoices@contoso.example',
  fabrikam: {
    tenantId: 'fab71ca0-0365-4b0c-9a11-5a4db0c5e365',
    domain: 'fabrikam.example',
    people: { erik: { address: 'erik@fabrikam.example', password: 'Autumn-in-Malmo-3' } },
    administrator: { userName: 'admin@fabrikam.example', password: 'Keys-to-the-yard-2' },
  },
  /** A private mailbox; IMAP and POP are off until their owner switches them on. */
  personal: {
    tenantId: PERSONAL_TENANT_ID,
    domain: 'outlook.example',
    people: { dora: { address: 'dora@outlook.example', password: 'Spring-in-Porto-4' } },
  },
} as const;

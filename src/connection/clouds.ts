/**
 * Where Microsoft runs: sign-in authority and mail hosts. The only place in the product that knows a host name.
 * Source: learn.microsoft.com, "Authenticate an IMAP, POP or SMTP connection using OAuth" and "POP, IMAP, and SMTP settings".
 */

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

export interface Cloud {
  readonly authorityHost: string;
  /** TLS from the first byte. */
  readonly imap: Endpoint;
  /** STARTTLS before anything else. */
  readonly smtp: Endpoint;
  /** Audiences (claim `aud`) of a token that its mail hosts take. */
  readonly mailAudiences: readonly string[];
}

/** Worldwide and GCC. */
export const GLOBAL_CLOUD: Cloud = {
  authorityHost: 'login.microsoftonline.com',
  imap: { host: 'outlook.office365.com', port: 993 },
  smtp: { host: 'smtp.office365.com', port: 587 },
  mailAudiences: [
    'https://outlook.office365.com',
    'https://outlook.office.com',
    '00000002-0000-0ff1-ce00-000000000000',
  ],
};

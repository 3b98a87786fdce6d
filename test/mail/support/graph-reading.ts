/**
 * Opens a Graph reading session on the sandbox, with tokens of its own: no connection, no activity in between.
 */
import { openGraphSession, type GraphTokens } from '../../../src/mail/index.js';
import type { ReadingSession } from '../../../src/mail/reading.js';
import { exchangeHttps, routeTo, type NetPolicy } from '../../../src/net/index.js';
import { DEMO, type Sandbox } from '../../../src/sandbox/index.js';

export const HOST = 'graph.microsoft.com';
export const PORT = 443;

export const netOf = (sandbox: Sandbox): NetPolicy => ({
  hosts: sandbox.hosts,
  trustedRoots: [sandbox.ca],
});

/** Tokens of the app that may use Graph, and what was asked of them. */
export function appTokens(sandbox: Sandbox): GraphTokens & { readonly replaced: (string | undefined)[] } {
  const replaced: (string | undefined)[] = [];
  let token: Promise<string> | undefined;
  return {
    replaced,
    current: () => (token ??= tokenFor(sandbox, 'https://graph.microsoft.com/.default')),
    replace(_refused, claims) {
      replaced.push(claims);
      return (token = tokenFor(sandbox, 'https://graph.microsoft.com/.default'));
    },
  };
}

/** Tokens of a user who signed in with a password. */
export async function userTokens(
  sandbox: Sandbox,
  person: keyof typeof DEMO.people,
  scope: string,
): Promise<GraphTokens> {
  const { address, password } = DEMO.people[person];
  const token = await askToken(sandbox, {
    grant_type: 'password',
    client_id: DEMO.signIn.clientId,
    username: address,
    password,
    scope,
  });
  return { current: () => Promise.resolve(token), replace: () => Promise.resolve(token) };
}

export const tokenFor = (sandbox: Sandbox, scope: string): Promise<string> =>
  askToken(sandbox, {
    grant_type: 'client_credentials',
    client_id: DEMO.graph.clientId,
    client_secret: DEMO.graph.clientSecret,
    scope,
  });

async function askToken(sandbox: Sandbox, form: Record<string, string>): Promise<string> {
  const answer = await exchangeHttps(netOf(sandbox), {
    method: 'POST',
    url: `https://login.microsoftonline.com/${sandbox.tenantId}/oauth2/v2.0/token`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(form).toString(),
  });
  const { access_token: token } = JSON.parse(answer.body) as { access_token?: string };
  if (token === undefined) throw new Error(`No token: ${answer.body}`);
  return token;
}

export interface OpenOptions {
  readonly mailbox?: string;
  readonly signedIn?: string;
  readonly tokens?: GraphTokens;
  readonly net?: NetPolicy;
  readonly signal?: AbortSignal;
}

export function openGraph(sandbox: Sandbox, options: OpenOptions = {}): Promise<ReadingSession> {
  const { mailbox = DEMO.people.anna.address, signedIn = 'Contoso Graph connector' } = options;
  const context = { host: HOST, port: PORT, mailbox, signedIn, trustee: DEMO.graph.clientId };
  return openGraphSession(
    routeTo(options.net ?? netOf(sandbox), HOST, PORT),
    options.tokens ?? appTokens(sandbox),
    context,
    options.signal,
  );
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

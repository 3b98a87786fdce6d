/**
 * Which parts of a sign-in request and its answer may be known. Values are kept only under names that are listed
 * here; of a token, the names of its claims and what it is for. Must not: show a header that is not listed.
 */
import type { Scrubber } from './scrubber.js';
import { redactedValue } from './secrets.js';

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/iu;
const WORD = /^[\w.:/-]{1,120}$/u;
const WORDS = /^[\w.:/ -]{1,1000}$/u;
const ADDRESS = /^[^\s@"<>]+@[^\s@"<>]+$/u;

/** Parameters of requests, each with the form its value must have to be harmless. */
const PARAMETERS: Readonly<Record<string, RegExp>> = {
  grant_type: WORD,
  scope: WORDS,
  client_id: GUID,
  client_assertion_type: WORD,
  response_type: WORDS,
  response_mode: WORD,
  code_challenge_method: WORD,
  prompt: WORD,
  resource: WORD,
  client_info: /^[01]$/u,
  username: ADDRESS,
  login_hint: ADDRESS,
  'api-version': WORD,
  'x-client-SKU': WORD,
  'x-client-VER': WORD,
};
/** Members of answers that hold text or numbers and no secret. */
const MEMBERS = new Set(
  (
    'error error_description error_codes suberror expires_in ext_expires_in token_type scope issuer jwks_uri ' +
    'tenant_discovery_endpoint token_endpoint authorization_endpoint device_authorization_endpoint ' +
    'end_session_endpoint userinfo_endpoint api-version error_uri interval timestamp trace_id correlation_id'
  ).split(' '),
);
const TOKENS = new Set(['access_token', 'id_token']);
const ANSWER_HEADERS = ['content-type', 'retry-after', 'x-ms-ests-server'];
/** In a description, what stands in quotes may be the name of an app or a company. */
const PUBLIC_QUOTE =
  /^(?:https:\/\/.*|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[a-z]+(?:_[a-z]+)+|[^\s@]+@[^\s@]+)$/iu;

function claimsOf(token: string): Record<string, unknown> | undefined {
  try {
    const payload: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
    return typeof payload === 'object' && payload !== null ? (payload as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function hostOf(audience: unknown): string | undefined {
  if (typeof audience !== 'string') return undefined;
  if (GUID.test(audience)) return audience;
  return URL.canParse(audience) ? new URL(audience).host : undefined;
}

/** In clear, or a mail address in it would not be recognised. */
function decodedPath({ pathname }: URL): string {
  try {
    return decodeURIComponent(pathname);
  } catch {
    return '/<redacted>';
  }
}

export class HttpsRedaction {
  readonly #scrubber: Scrubber;
  /** Answers to GET describe the service; their host names are no secrets to be looked for. */
  #holdsSecrets = true;

  constructor(scrubber: Scrubber) {
    this.#scrubber = scrubber;
  }

  request(method: string, url: URL, body: string | undefined): string {
    this.#holdsSecrets = method !== 'GET';
    const path = decodedPath(url);
    const [, tenant = ''] = path.split('/');
    const parameters = [...url.searchParams, ...new URLSearchParams(body ?? '')].map(
      ([name, value]) => [name, value, PARAMETERS[name]?.test(value) === true] as const,
    );
    // All are learnt before any text is made: a server or a careless client may repeat one in another place.
    for (const [, value, harmless] of parameters) if (!harmless) this.#scrubber.secrets.learn(value);
    if (tenant.includes('.')) this.#scrubber.pseudonyms.domain(tenant);
    // Segment by segment, for a slash may be part of a mail address.
    const shownPath = path
      .split('/')
      .map((segment) => this.#scrubber.text(segment))
      .join('/');
    const lines = parameters.map(
      ([name, value, harmless]) =>
        `${this.#scrubber.text(name.slice(0, 60))}=${harmless ? this.#scrubber.text(value) : redactedValue(value)}`,
    );
    return [`${method} ${shownPath}`, ...lines].join('\n');
  }

  answer(status: number, headers: Readonly<Record<string, string>>, body: string): string {
    const kept = ANSWER_HEADERS.filter((name) => headers[name] !== undefined).map(
      (name) => `${name}: ${headers[name] ?? ''}`,
    );
    return this.#scrubber.text([`HTTP ${String(status)}`, ...kept].join('\n')) + `\n\n${this.#body(body)}`;
  }

  #body(body: string): string {
    let value: unknown;
    try {
      value = JSON.parse(body);
    } catch {
      return redactedValue(body);
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return redactedValue(body);
    const members = Object.entries(value as Record<string, unknown>);
    for (const [name, secret] of members) {
      if (this.#holdsSecrets && typeof secret === 'string' && !MEMBERS.has(name))
        this.#scrubber.secrets.learn(secret);
    }
    const shown = members.map(([name, member]) => [name.slice(0, 60), this.#member(name, member)] as const);
    return this.#scrubber.text(JSON.stringify(Object.fromEntries(shown)));
  }

  #member(name: string, value: unknown): unknown {
    if (TOKENS.has(name) && typeof value === 'string') return this.#token(value);
    if (typeof value === 'number' || typeof value === 'boolean')
      return MEMBERS.has(name) ? value : '<redacted>';
    if (typeof value === 'string') {
      if (name === 'error_description') return this.#description(value);
      return MEMBERS.has(name) ? value : redactedValue(value);
    }
    const numbers = Array.isArray(value) && value.every((item) => typeof item === 'number');
    return numbers && MEMBERS.has(name) ? value : '<redacted>';
  }

  #description(text: string): string {
    return text.replace(/'(?<quoted>[^']{1,200})'/gu, (all, quoted: string) =>
      PUBLIC_QUOTE.test(quoted) ? all : "'<name>'",
    );
  }

  #token(token: string): unknown {
    const claims = claimsOf(token);
    if (claims === undefined) return redactedValue(token);
    const words = (value: unknown): string[] =>
      [value].flat().filter((item): item is string => typeof item === 'string' && WORDS.test(item));
    return {
      claims: Object.keys(claims).sort(),
      aud: hostOf(claims['aud']) ?? '<redacted>',
      ...(claims['roles'] === undefined ? {} : { roles: words(claims['roles']) }),
      ...(claims['scp'] === undefined ? {} : { scp: words(claims['scp']).join(' ') }),
    };
  }
}

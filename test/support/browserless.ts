/**
 * Plays a user and their browser on the sandbox's sign-in pages without any browser: follows redirects, keeps cookies,
 * reads each page's form and fills it in as the user would. Stops at the application's redirect URI, which it never
 * calls. Knows the pages by their `data-page` name and nothing of the product.
 */
import { request } from 'node:https';

/** A Sandbox, or the `net` policy that leads to one. */
export interface Net {
  readonly hosts: Readonly<Record<string, string>>;
  readonly ca?: string;
  readonly trustedRoots?: readonly string[];
}

export interface Person {
  readonly userName: string;
  readonly password: string;
  /** What to type when asked for a code; default: what the page shows. */
  readonly secondFactor?: string;
  /** Whether to agree to what the app asks for; default true. */
  readonly consent?: boolean;
  /** An administrator's tick at "on behalf of your organization". */
  readonly consentForAll?: boolean;
  /** Presses Cancel on the page of this name, or (true) on the first. */
  readonly cancel?: boolean | 'sign-in' | 'pick' | 'second-factor' | 'confirm' | 'consent';
}

export interface ReturnedAnswer {
  /** Without query and fragment. */
  readonly redirectUri: string;
  /** What the application would receive: code and state, or error and error_description. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly responseMode: 'query' | 'fragment' | 'form_post';
  /** Names of the pages met on the way. */
  readonly pages: readonly string[];
}

/** A page where the way ends although the application got no answer: an error, or a form that keeps coming back. */
export class StuckOnPage extends Error {
  override readonly name = 'StuckOnPage';
  readonly page: Page;

  constructor(page: Page) {
    super(`The sign-in ended on the page "${page.name}": ${page.text}`);
    this.page = page;
  }
}

export interface Page {
  /** sign-in, pick, second-factor, confirm, consent, admin-approval, device-code, form-post, done, error */
  readonly name: string;
  readonly url: string;
  readonly html: string;
  /** The visible text, white space folded. */
  readonly text: string;
}

const MAX_STEPS = 12;
const LOGIN_HOST = 'login.microsoftonline.com';

/** Signs in at an authorization (or administrator's consent) address. @throws StuckOnPage */
export function signInWithBrowser(
  url: string,
  person: Person & { readonly net: Net },
): Promise<ReturnedAnswer> {
  return new Browserless(person.net).signIn(url, person);
}

/** Enters a device code and signs in; resolves with the last page ("You have signed in …"). @throws StuckOnPage */
export function enterDeviceCode(
  details: Person & { readonly net: Net; readonly userCode: string; readonly verificationUri: string },
): Promise<Page> {
  return new Browserless(details.net).enterDeviceCode(details.verificationUri, details.userCode, details);
}

/** One browser: its cookies last from one sign-in to the next. */
export class Browserless {
  readonly #net: Net;
  readonly #cookies = new Map<string, string>();

  constructor(net: Net) {
    this.#net = net;
  }

  /** Fetches one page without filling anything in. Follows redirects within the site. */
  open(url: string): Promise<Page | ReturnedAnswer> {
    return this.#follow({ method: 'GET', url });
  }

  async signIn(url: string, person: Person): Promise<ReturnedAnswer> {
    const pages: string[] = [];
    let arrived = await this.open(url);
    for (let step = 0; isPage(arrived) && step < MAX_STEPS; step++) {
      const page = arrived;
      if (pages.at(-1) === page.name) throw new StuckOnPage(page);
      pages.push(page.name);
      const form = fillIn(page, person);
      if (form === undefined) throw new StuckOnPage(page);
      arrived = await this.#submit(page, form);
    }
    if (isPage(arrived)) throw new StuckOnPage(arrived);
    return { ...arrived, pages };
  }

  async enterDeviceCode(verificationUri: string, userCode: string, person: Person): Promise<Page> {
    let arrived = await this.open(verificationUri);
    let last = '';
    for (let step = 0; isPage(arrived) && step < MAX_STEPS; step++) {
      const page = arrived;
      if (page.name === 'done') return page;
      if (last === page.name) throw new StuckOnPage(page);
      last = page.name;
      const form = page.name === 'device-code' ? { otc: userCode } : fillIn(page, person);
      if (form === undefined) throw new StuckOnPage(page);
      arrived = await this.#submit(page, form);
    }
    if (isPage(arrived)) throw new StuckOnPage(arrived);
    throw new Error('A device sign-in does not end at a redirect URI.');
  }

  /** Posts a page's form with its hidden fields and what the user adds. */
  async #submit(page: Page, typed: Readonly<Record<string, string>>): Promise<Page | ReturnedAnswer> {
    const { action, fields } = readForm(page);
    const url = new URL(action, page.url);
    if (url.hostname !== LOGIN_HOST) {
      return { redirectUri: action, parameters: fields, responseMode: 'form_post', pages: [] };
    }
    const body = new URLSearchParams({ ...fields, ...typed }).toString();
    return this.#follow({ method: 'POST', url: url.href, body });
  }

  async #follow(first: { method: string; url: string; body?: string }): Promise<Page | ReturnedAnswer> {
    let next = first;
    for (let hops = 0; hops < MAX_STEPS; hops++) {
      const { location, html } = await this.#fetch(next);
      if (location === undefined) return readPage(next.url, html);
      const url = new URL(location, next.url);
      if (url.hostname !== LOGIN_HOST) return readAnswer(url);
      next = { method: 'GET', url: url.href };
    }
    throw new Error('Too many redirects.');
  }

  #fetch(call: {
    method: string;
    url: string;
    body?: string;
  }): Promise<{ location: string | undefined; html: string }> {
    const url = new URL(call.url);
    const mapped = this.#net.hosts[`${url.hostname}:${url.port === '' ? '443' : url.port}`];
    if (mapped === undefined) throw new Error(`The sandbox does not serve ${url.host}.`);
    const [host, port] = mapped.split(':');
    return new Promise((resolve, reject) => {
      const outgoing = request(
        {
          host,
          port: Number(port),
          servername: url.hostname,
          ca: this.#net.ca ?? [...(this.#net.trustedRoots ?? [])],
          method: call.method,
          path: url.pathname + url.search,
          headers: {
            host: url.host,
            connection: 'close',
            cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; '),
            ...(call.body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
          },
        },
        (incoming) => {
          for (const cookie of incoming.headers['set-cookie'] ?? []) {
            const [, name = '', value = ''] = /^([^=]+)=([^;]*)/u.exec(cookie) ?? [];
            this.#cookies.set(name, value);
          }
          const chunks: Buffer[] = [];
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
          incoming.on('error', reject);
          incoming.on('end', () => {
            const html = Buffer.concat(chunks).toString('utf8');
            resolve({ location: incoming.headers.location, html });
          });
        },
      );
      outgoing.on('error', reject);
      outgoing.end(call.body);
    });
  }
}

export function isPage(arrived: Page | ReturnedAnswer): arrived is Page {
  return 'html' in arrived;
}

/** What a user does on a page; undefined where there is nothing to do. */
function fillIn(page: Page, person: Person): Record<string, string> | undefined {
  if (page.name === person.cancel || (person.cancel === true && page.name !== 'form-post')) {
    return { action: 'cancel' };
  }
  switch (page.name) {
    case 'sign-in':
      return { login: person.userName, passwd: person.password, action: 'sign-in' };
    case 'pick':
      return { account: page.text.includes(person.userName) ? person.userName : '' };
    case 'second-factor': {
      const shown = /<output>(?<code>\d+)<\/output>/u.exec(page.html)?.groups?.code ?? '';
      return { otc: person.secondFactor ?? shown, action: 'verify' };
    }
    case 'confirm':
      return { action: 'continue' };
    case 'consent':
      if (person.consent === false) return { action: 'cancel' };
      return { action: 'accept', ...(person.consentForAll === true ? { for_all: '1' } : {}) };
    case 'admin-approval':
      return { action: 'return' };
    case 'form-post':
      return {};
    default:
      return undefined;
  }
}

function readPage(url: string, html: string): Page {
  const text = html
    .replace(/<(?:style|script|title)[\s\S]*?<\/(?:style|script|title)>/gu, ' ')
    .replace(/<[^>]*>/gu, ' ')
    .replace(/\s+/gu, ' ');
  const name = /<main data-page="(?<name>[\w-]+)"/u.exec(html)?.groups?.name ?? 'unknown';
  return { name, url, html, text: decode(text).trim() };
}

function readForm({ html }: Page): { action: string; fields: Record<string, string> } {
  const form = /<form[^>]*action="(?<action>[^"]*)"[^>]*>(?<content>[\s\S]*?)<\/form>/u.exec(html)?.groups;
  const fields: Record<string, string> = {};
  for (const [tag] of (form?.content ?? '').matchAll(/<input[^>]*type="hidden"[^>]*>/gu)) {
    const name = /name="([^"]*)"/u.exec(tag)?.[1] ?? '';
    fields[decode(name)] = decode(/value="([^"]*)"/u.exec(tag)?.[1] ?? '');
  }
  return { action: decode(form?.action ?? ''), fields };
}

function readAnswer(url: URL): ReturnedAnswer {
  const isFragment = url.hash !== '';
  const parameters = Object.fromEntries(
    isFragment ? new URLSearchParams(url.hash.slice(1)) : url.searchParams,
  );
  return {
    redirectUri: url.href.replace(/[?#].*$/u, ''),
    parameters,
    responseMode: isFragment ? 'fragment' : 'query',
    pages: [],
  };
}

function decode(text: string): string {
  const named: Record<string, string> = { lt: '<', gt: '>', quot: '"', '#39': "'", amp: '&' };
  return text.replace(/&(?<name>lt|gt|quot|#39|amp);/gu, (_, name: string) => named[name] ?? '');
}

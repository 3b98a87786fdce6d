/**
 * Plays a user and their browser on the OpenID provider's own pages: follows redirects, keeps cookies, fills in the
 * forms. Stops where the provider leads to an address of the application, which it never calls.
 */
import { request } from 'node:https';
import { addressOf, type Reach } from './loopback-https.js';

const LOGIN_HOST = 'login.microsoftonline.com';
const MAX_STEPS = 16;

export interface Visitor {
  /** Who to sign in as; the provider's development pages take any password. */
  readonly address: string;
  /** Presses "Cancel" on the first page. */
  readonly cancel?: boolean;
}

interface Arrival {
  readonly url: URL;
  readonly status: number;
  readonly html: string;
}

export class ProviderBrowser {
  readonly #reach: Reach;
  /** By name alone: nothing here sets the same name for two paths. */
  readonly #cookies = new Map<string, string>();

  constructor(reach: Reach) {
    this.#reach = reach;
  }

  /** Signs in at an authorization address. Answers with the redirect URI as the application would be called. */
  async signIn(url: string, visitor: Visitor): Promise<URL> {
    let arrival = await this.#go('GET', new URL(url));
    for (let step = 0; step < MAX_STEPS; step++) {
      if (arrival.url.hostname !== LOGIN_HOST) return arrival.url;
      arrival = await this.#answer(arrival, visitor);
    }
    throw new Error(`No end of pages at ${arrival.url.pathname}`);
  }

  /** Enters a device code and signs in; resolves when the provider says that it is done. */
  async enterDeviceCode(verificationUri: string, userCode: string, visitor: Visitor): Promise<void> {
    let arrival = await this.#go('GET', new URL(verificationUri));
    for (let step = 0; step < MAX_STEPS; step++) {
      if (arrival.html.includes('Sign-in Success')) return;
      arrival = await this.#answer(arrival, visitor, userCode);
    }
    throw new Error(`No end of pages at ${arrival.url.pathname}`);
  }

  #answer({ url, status, html }: Arrival, visitor: Visitor, userCode = ''): Promise<Arrival> {
    const abort = /href="(?<href>[^"]*\/abort)"/u.exec(html)?.groups?.['href'];
    if (visitor.cancel === true && abort !== undefined) return this.#go('GET', new URL(decode(abort), url));
    const form = /<form[^>]*action="(?<action>[^"]*)"[^>]*>(?<content>[\s\S]*?)<\/form>/u.exec(html)?.groups;
    if (form === undefined) {
      throw new Error(
        `The provider stopped with ${String(status)} at ${url.pathname}: ${html.slice(0, 2_000)}`,
      );
    }
    const fields = new URLSearchParams();
    for (const [tag] of (form['content'] ?? '').matchAll(/<input[^>]*>/gu)) {
      const name = /name="([^"]*)"/u.exec(tag)?.[1];
      if (name !== undefined) fields.set(name, decode(/value="([^"]*)"/u.exec(tag)?.[1] ?? ''));
    }
    if (fields.has('login')) fields.set('login', visitor.address);
    if (fields.has('password')) fields.set('password', 'any');
    if (fields.get('user_code') === '') fields.set('user_code', userCode);
    return this.#go('POST', new URL(decode(form['action'] ?? ''), url), fields.toString());
  }

  async #go(method: string, url: URL, body?: string): Promise<Arrival> {
    let next = { method, url, body };
    for (let hops = 0; hops < MAX_STEPS; hops++) {
      const { location, ...page } = await this.#fetch(next.method, next.url, next.body);
      if (location === undefined) return { url: next.url, ...page };
      next = { method: 'GET', url: new URL(location, next.url), body: undefined };
      if (next.url.hostname !== LOGIN_HOST) return { url: next.url, status: page.status, html: '' };
    }
    throw new Error('Too many redirects');
  }

  #fetch(
    method: string,
    url: URL,
    body: string | undefined,
  ): Promise<{ location: string | undefined; status: number; html: string }> {
    return new Promise((resolve, reject) => {
      const outgoing = request(
        {
          ...addressOf(this.#reach, `${url.hostname}:443`),
          servername: url.hostname,
          ca: this.#reach.ca,
          agent: false,
          method,
          path: url.pathname + url.search,
          headers: {
            host: url.host,
            accept: 'text/html',
            cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; '),
            ...(body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
          },
        },
        (incoming) => {
          for (const cookie of incoming.headers['set-cookie'] ?? []) {
            const [, name = '', value = ''] = /^([^=]+)=([^;]*)/u.exec(cookie) ?? [];
            if (value === '') this.#cookies.delete(name);
            else this.#cookies.set(name, value);
          }
          const chunks: Buffer[] = [];
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
          incoming.once('error', reject);
          incoming.once('end', () => {
            const html = Buffer.concat(chunks).toString('utf8');
            resolve({ location: incoming.headers.location, status: incoming.statusCode ?? 0, html });
          });
        },
      );
      outgoing.once('error', reject);
      outgoing.end(body);
    });
  }
}

function decode(text: string): string {
  const named: Record<string, string> = { lt: '<', gt: '>', quot: '"', amp: '&', '#39': "'", '#x2F': '/' };
  return text.replace(/&(?<name>lt|gt|quot|amp|#39|#x2F);/gu, (_, name: string) => named[name] ?? '');
}

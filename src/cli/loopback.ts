/**
 * The redirect of a browser sign-in on this machine: a web server for one request, on a loopback address only
 * (RFC 8252 section 7.3). Owns: that nothing but the awaited answer is taken. Must not: know OAuth beyond `state`.
 */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Loopback {
  /** To be given to Microsoft; the port is free to change at every run, the path is not. */
  readonly redirectUri: string;
  /** The query of the redirect. The answer to the browser is what `respond` makes of it. */
  answer(
    state: string,
    respond: (parameters: Record<string, string>) => Promise<{ title: string; text: string }>,
    signal: AbortSignal,
  ): Promise<void>;
  close(): void;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/gu, (character) => `&#${String(character.charCodeAt(0))};`);
}

function page(title: string, text: string, language: string): string {
  return `<!doctype html><html lang="${language}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title><style>body{font:16px/1.5 system-ui,sans-serif;max-width:36rem;margin:15vh auto;padding:0 1rem;color-scheme:light dark}</style>
<h1>${escapeHtml(title)}</h1><p>${escapeHtml(text)}</p></html>`;
}

function queryOf(request: IncomingMessage, port: number): Record<string, string> | undefined {
  // Another name for this machine (DNS rebinding) is not the redirect that was registered.
  if (request.headers.host !== `localhost:${String(port)}` || request.method !== 'GET') return undefined;
  const url = new URL(request.url ?? '/', `http://localhost:${String(port)}`);
  return url.pathname === '/' ? Object.fromEntries(url.searchParams) : undefined;
}

/** @param port 0 for any free one */
export async function openLoopback(port: number, language: string): Promise<Loopback> {
  let take: ((query: Record<string, string>) => Promise<{ title: string; text: string }>) | undefined;
  let expected = '';
  const server = createServer((request, response) => {
    const query = queryOf(request, (server.address() as AddressInfo).port);
    const handler = take;
    if (query === undefined || handler === undefined || query['state'] !== expected) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('Not found');
      return;
    }
    take = undefined;
    const headers = {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
      'referrer-policy': 'no-referrer',
      connection: 'close',
    };
    void handler(query).then(({ title, text }) =>
      response.writeHead(200, headers).end(page(title, text, language)),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    redirectUri: `http://localhost:${String((server.address() as AddressInfo).port)}`,
    answer: (state, respond, signal) =>
      new Promise<void>((resolve, reject) => {
        expected = state;
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
        take = async (query) => {
          const shown = await respond(query);
          // The page first: the process may end as soon as this is done.
          setImmediate(resolve);
          return shown;
        };
      }),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

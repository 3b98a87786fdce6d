/**
 * Sign-in over HTTP: the page asks where to send the browser, Microsoft sends the browser back to the redirect URI,
 * and the page fetches what came of it. Owns: the cookie that ties the three together, and the small page at the end.
 * Must not: keep a token; the connector stores it and hands out a handle, once.
 */
import type { FastifyInstance, FastifyReply } from 'fastify';
import { asFailure, Failure } from '../errors/index.js';
import { browserUrl, type CompletedSignIn, type Connector } from '../index.js';
import { textsIn } from '../manifest/index.js';
import { failureAnswer } from './answers.js';
import { createNonce, securityHeaders } from './security.js';

/** Path of the redirect URI, below the server's public address. */
export const REDIRECT_PATH = '/sign-in/callback';

/** Over HTTPS browsers hold `__Host-` to its promise: no neighbour of the domain can have set it (RFC 6265bis, 4.1.3.2). */
const cookieName = (secure: boolean): string => (secure ? '__Host-m365-email-sign-in' : 'm365-email-sign-in');
const ATTEMPT_SECONDS = 15 * 60;

type Outcome = { readonly signedIn: CompletedSignIn } | { readonly failure: unknown };

interface Waiting {
  outcome?: Outcome;
  readonly expiresAt: number;
}

function cookieIn(header: string | undefined, name: string): string | undefined {
  return header
    ?.split(';')
    .map((one) => one.trim())
    .find((one) => one.startsWith(`${name}=`))
    ?.slice(name.length + 1);
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/gu, (character) => `&#${String(character.charCodeAt(0))};`);
}

function pageOf(title: string, text: string, language: string, nonce: string): string {
  return `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title>
<style nonce="${nonce}">:root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:15vh auto;padding:0 1rem}</style>
</head><body><main><h1>${escapeHtml(title)}</h1><p>${escapeHtml(text)}</p></main></body></html>`;
}

export interface SignInRoutes {
  /** What to register in the app registration, shown to copy. */
  readonly redirectUri: () => string;
  readonly secure: boolean;
  readonly browserHosts?: Readonly<Record<string, string>> | undefined;
}

export function registerSignIn(
  server: FastifyInstance,
  connector: Connector,
  { redirectUri, secure, browserHosts }: SignInRoutes,
): void {
  /** Attempts of browsers that talk to this process, until their outcome is fetched. */
  const waiting = new Map<string, Waiting>();
  const name = cookieName(secure);
  const waitingFor = (attempt: string | undefined): Waiting | undefined => {
    const entry = attempt === undefined ? undefined : waiting.get(attempt);
    return entry === undefined || entry.expiresAt <= Date.now() ? undefined : entry;
  };
  const cookie = (value: string, seconds: number): string =>
    `${name}=${value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${String(seconds)}${secure ? '; Secure' : ''}`;
  const languageOf = (query: unknown): string => {
    const { lang } = query as { lang?: unknown };
    return typeof lang === 'string' ? lang : '';
  };
  const refuse = async (reply: FastifyReply, error: unknown, language: string): Promise<void> => {
    const answer = failureAnswer(connector, error, language);
    await reply
      .code(answer.failure.kind === 'input' || answer.failure.kind === 'config' ? 400 : 502)
      .send(answer);
  };

  server.get('/api/sign-in/redirect-uri', (_request, reply) => reply.send({ redirectUri: redirectUri() }));

  server.post('/api/sign-in/begin', async (request, reply) => {
    const { connection, activities } = (request.body ?? {}) as { connection?: unknown; activities?: [] };
    try {
      const started = await connector.beginSignIn({ connection, redirectUri: redirectUri(), activities });
      for (const [attempt, { expiresAt }] of waiting) if (expiresAt < Date.now()) waiting.delete(attempt);
      waiting.set(started.attempt, { expiresAt: started.expiresAt });
      reply
        .header('Set-Cookie', cookie(started.attempt, ATTEMPT_SECONDS))
        .header('Cache-Control', 'no-store');
      const url = browserUrl({ hosts: browserHosts ?? {} }, started.url);
      return await reply.send({ url, redirectUri: redirectUri(), expiresAt: started.expiresAt });
    } catch (error) {
      await refuse(reply, error, languageOf(request.query));
      return reply;
    }
  });

  server.get(REDIRECT_PATH, async (request, reply) => {
    const accepted = request.headers['accept-language']?.slice(0, 2) ?? '';
    const texts = textsIn(accepted);
    const attempt = cookieIn(request.headers.cookie, name);
    const nonce = createNonce();
    reply
      .headers(securityHeaders(nonce))
      .header('Cache-Control', 'no-store')
      .type('text/html; charset=utf-8');
    try {
      const entry = waitingFor(attempt);
      if (attempt === undefined || entry === undefined) throw new Failure('sign-in-attempt-unknown');
      const parameters = Object.fromEntries(
        Object.entries(request.query as Record<string, unknown>).filter(
          (pair): pair is [string, string] => typeof pair[1] === 'string',
        ),
      );
      try {
        const signedIn = await connector.completeSignIn({ attempt, parameters });
        entry.outcome = { signedIn };
        const who = texts.text('cli.connect.done', { userName: signedIn.userName });
        return await reply.send(pageOf(who, texts.text('cli.connect.close'), texts.language, nonce));
      } catch (error) {
        // An answer that belongs to no attempt leaves the right one its chance.
        if (asFailure(error).code !== 'sign-in-attempt-unknown') entry.outcome = { failure: error };
        throw error;
      }
    } catch (error) {
      const { title, remedy } = connector.explain(error, texts.language);
      return reply.code(400).send(pageOf(title, remedy, texts.language, nonce));
    }
  });

  server.post('/api/sign-in/result', async (request, reply) => {
    const attempt = cookieIn(request.headers.cookie, name);
    const entry = waitingFor(attempt);
    reply.header('Cache-Control', 'no-store');
    if (attempt === undefined || entry === undefined) {
      await refuse(reply, new Failure('sign-in-attempt-unknown'), languageOf(request.query));
      return reply;
    }
    const { outcome } = entry;
    if (outcome === undefined) return reply.send({ pending: true });
    // The handle is told once, to the browser that began.
    waiting.delete(attempt);
    reply.header('Set-Cookie', cookie('', 0));
    if ('signedIn' in outcome) return reply.send({ signedIn: outcome.signedIn });
    await refuse(reply, outcome.failure, languageOf(request.query));
    return reply;
  });
}

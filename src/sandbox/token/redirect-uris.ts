/**
 * Whether a redirect URI is registered for an app: exactly, except for the port of a loopback address
 * (RFC 8252 section 7.3; learn.microsoft.com, "Redirect URI restrictions").
 */
import type { Application, RedirectUri } from '../directory/entities.js';

const LOOPBACK_HOSTS = new Set(['localhost', '127.0.0.1']);

export function findRedirectUri(application: Application, uri: string): RedirectUri | undefined {
  const wanted = normalizeUri(uri);
  if (wanted === undefined) return undefined;
  return application.redirectUris.find((registered) => normalizeUri(registered.uri) === wanted);
}

/** Scheme and host fold case, path and query do not. Undefined for anything a browser could not be sent to. */
function normalizeUri(uri: string): string | undefined {
  if (!URL.canParse(uri)) return undefined;
  const url = new URL(uri);
  if (url.hash !== '' || url.username !== '' || url.password !== '') return undefined;
  const isLoopback = url.protocol === 'http:' && LOOPBACK_HOSTS.has(url.hostname);
  if (!isLoopback && url.protocol !== 'https:') return undefined;
  if (isLoopback) url.port = '';
  return url.href;
}

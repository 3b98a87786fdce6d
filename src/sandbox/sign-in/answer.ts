/**
 * Carries an answer back to the application's redirect URI, in the response mode it asked for.
 */
import type { ReturnAddress } from './authorize-request.js';
import type { BrowserReply } from './browser-exchange.js';
import { redirectTo } from './browser-exchange.js';
import { formPostPage } from './pages/pages.js';

export function answerTo(
  { redirectUri, mode, state }: ReturnAddress,
  fields: Readonly<Record<string, string>>,
): BrowserReply {
  const answer = new URLSearchParams(fields);
  if (state !== undefined) answer.set('state', state);
  if (mode === 'form_post') return formPostPage(redirectUri, answer);
  const url = new URL(redirectUri);
  if (mode === 'fragment') url.hash = answer.toString();
  else for (const [name, value] of answer) url.searchParams.append(name, value);
  return redirectTo(url.href);
}

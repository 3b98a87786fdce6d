/**
 * Under which address the page has to run. Microsoft sends the browser back to http://localhost, never to 127.0.0.1,
 * and the cookie that ties a sign-in to its browser belongs to one name: the page must run under the same.
 */
let registered: Promise<string> | undefined;

/** The redirect URI of browser sign-ins, as the server has it. */
export function redirectUri(): Promise<string> {
  registered ??= fetch('/api/sign-in/redirect-uri')
    .then((answer) => answer.json())
    .then((answer) => (answer as { redirectUri: string }).redirectUri);
  return registered;
}

/** What to enter into the app registration: Microsoft ignores the port of a localhost address, and it changes. */
export function registrable(uri: string): string {
  const url = new URL(uri);
  if (url.hostname === 'localhost') url.port = '';
  return url.href;
}

/** The address to go to instead, when the page was opened by the machine's other name; undefined when all is well. */
export async function homeAddress(): Promise<string | undefined> {
  if (location.hostname !== '127.0.0.1') return undefined;
  const home = await redirectUri().then(
    (uri) => new URL(uri).origin,
    () => location.origin,
  );
  return home === location.origin
    ? undefined
    : `${home}${location.pathname}${location.search}${location.hash}`;
}

/**
 * What the sign-in pages see of HTTP: a request of a browser, and a page or a redirect as the answer.
 */

export interface BrowserRequest {
  /** The path's tenant segment, lower case. */
  readonly tenantSegment: string;
  /** Query of a GET, form of a POST. */
  readonly parameters: URLSearchParams;
  readonly isPost: boolean;
  /** The value of the session cookie. */
  readonly sessionId: string | undefined;
}

export interface BrowserReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export function redirectTo(location: string): BrowserReply {
  return { status: 302, headers: { Location: location }, body: '' };
}

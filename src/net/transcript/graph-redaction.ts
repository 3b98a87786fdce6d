/**
 * Which parts of a call of Microsoft Graph and of its answer may be known. Words of the API are shown, ids and what is
 * searched for are not; of an answer its status, its size and the code of an error. Must not: show content or a name.
 */
import type { Scrubber } from './scrubber.js';

const WORDS = new Set(
  (
    'v1.0 me users mailFolders childFolders messages attachments delta move copy permanentDelete sendMail send createUploadSession $value inbox ' +
    'sentitems drafts deleteditems junkemail archive msgfolderroot'
  ).split(' '),
);
/** Query options that say nothing about the mailbox. */
const OPTIONS = new Set(['$top', '$select', '$orderby', 'changeType', 'includeHiddenFolders']);
const ANSWER_HEADERS = ['content-type', 'retry-after', 'request-id'];
const CODE = /^[\w-]{1,80}$/u;

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return '<id>';
  }
}

export class GraphRedaction {
  readonly #scrubber: Scrubber;

  constructor(scrubber: Scrubber) {
    this.#scrubber = scrubber;
  }

  request(method: string, path: string, bodyBytes: number): string {
    const { pathname, searchParams } = new URL(path, 'https://graph.microsoft.com');
    const segments = pathname.split('/').map((segment, index, all) => {
      if (segment === '' || WORDS.has(segment)) return segment;
      return all[index - 1] === 'users' ? this.#scrubber.text(decoded(segment)) : '<id>';
    });
    const options = [...searchParams].map(
      ([name, value]) =>
        `${OPTIONS.has(name) ? name : name.slice(0, 20)}=${OPTIONS.has(name) ? value : '<redacted>'}`,
    );
    const body = bodyBytes === 0 ? [] : [`<content, ${String(bodyBytes)} bytes>`];
    return this.#scrubber.text([`${method} ${segments.join('/')}`, ...options, ...body].join('\n'));
  }

  answer(status: number, headers: Readonly<Record<string, string>>, errorCode: string | undefined): string {
    const kept = ANSWER_HEADERS.filter((name) => headers[name] !== undefined).map(
      (name) => `${name}: ${headers[name] ?? ''}`,
    );
    const code = errorCode !== undefined && CODE.test(errorCode) ? [`error: ${errorCode}`] : [];
    return this.#scrubber.text([`HTTP ${String(status)}`, ...kept, ...code].join('\n'));
  }
}

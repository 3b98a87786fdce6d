/** Calls of the connector over HTTP. Owns: requests, streamed lines, failures. Must not: show anything. */
import type {
  Check,
  EmailRecord,
  FailureReport,
  Folder,
  SendEmailResponse,
  Settled,
} from '../../../src/generated/types.js';

/** A stored sign-in as the page shows it; dates and times in ISO 8601. */
export interface SignedIn {
  readonly userName: string;
  readonly tenantId: string;
  readonly signedInAt: string;
  readonly lastUsedAt: string;
  /** When Microsoft forgets the sign-in unless it is used before. */
  readonly idleUntil: string;
}

/** A sign-in that has just come about, with the handle that the connection keeps. */
export interface CompletedSignIn extends SignedIn {
  readonly session: string;
}

/** Something of the connection that ends. */
export interface Expiry {
  readonly what: string;
  /** ISO 8601 date. */
  readonly date: string;
  /** Whole days from now; negative when it is over. */
  readonly days: number;
}

/** One line of a stream; which fields are there depends on the call. */
export interface Line {
  readonly check?: Check;
  readonly record?: EmailRecord;
  readonly batch?: { readonly token: string; readonly records: number };
  readonly settled?: Settled;
  readonly response?: SendEmailResponse;
  readonly step?: 'code' | 'signed-in' | 'verified';
  readonly userCode?: string;
  readonly verificationUri?: string;
  /** Milliseconds since 1970. */
  readonly expiresAt?: number;
  readonly signedIn?: CompletedSignIn;
  readonly userName?: string;
  readonly failure?: FailureReport;
  readonly end?: true;
}

/** A call that the server answered with a failure, or that found no server (then `failure` is undefined). */
export class CallError extends Error {
  override readonly name = 'CallError';
  readonly failure: FailureReport | undefined;
  constructor(failure?: FailureReport) {
    super(failure?.code ?? 'no-answer');
    this.failure = failure;
  }
}

async function post(path: string, language: string, body: object, signal?: AbortSignal): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(`/api/${path}?lang=${encodeURIComponent(language)}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw new CallError();
  }
  if (answer.ok) return answer;
  const { failure } = (await answer.json().catch(() => ({}))) as { failure?: FailureReport };
  throw new CallError(failure);
}

/** The lines of a streamed answer as they come. @throws CallError, also for a failure within the stream or a cut */
export async function* streamLines(
  path: string,
  language: string,
  body: object,
  signal: AbortSignal,
): AsyncGenerator<Line> {
  const answer = await post(path, language, body, signal);
  const decoder = new TextDecoder();
  const reader = answer.body?.getReader();
  let rest = '';
  for (;;) {
    const { value, done } = (await reader?.read()) ?? { value: undefined, done: true };
    if (done) break;
    const parts = (rest + decoder.decode(value, { stream: true })).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) {
      const line = JSON.parse(part) as Line;
      if (line.end === true) return;
      if (line.failure !== undefined) throw new CallError(line.failure);
      yield line;
    }
  }
  throw new CallError();
}

/** One call with one answer. @throws CallError; the signal's reason when it was cancelled */
export async function call<T>(
  path: string,
  language: string,
  body: object,
  signal?: AbortSignal,
): Promise<T> {
  const answer = await post(path, language, body, signal);
  return (await answer.json()) as T;
}

export async function listEntries(
  pickList: string,
  language: string,
  body: object,
  signal: AbortSignal,
): Promise<Folder[]> {
  return (await call<{ items: Folder[] }>(`list/${pickList}`, language, body, signal)).items;
}

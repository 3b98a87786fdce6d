/**
 * One HTTPS request and its whole answer, along a route. Owns: deadlines, the size limit and the TLS check.
 * Must not: follow redirects, retry, or interpret the answer.
 */
import { Agent, request } from 'node:https';
import { Failure, isFailure } from '../errors/index.js';
import { networkFailure } from './failures.js';
import { routeTo, type NetPolicy } from './policy.js';
import { listenToHttps } from './transcript/recorder.js';
import { startOf } from './tunnel.js';

export interface HttpsRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal | undefined;
}

export interface HttpsAnswer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** A token answer has a few kilobytes; whatever is larger is not one. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

/**
 * Sends the request and collects the answer.
 * @throws Failure host-not-found, host-refused, host-timed-out, connection-lost, certificate-not-trusted, proxy-*
 */
export async function exchangeHttps(policy: NetPolicy, input: HttpsRequest): Promise<HttpsAnswer> {
  const url = new URL(input.url);
  const port = url.port === '' ? 443 : Number(url.port);
  const route = routeTo(policy, url.hostname, port);
  const deadline = AbortSignal.timeout(route.connectTimeoutMs + route.idleTimeoutMs);
  const signal = input.signal === undefined ? deadline : AbortSignal.any([input.signal, deadline]);
  const listener = listenToHttps(route.tap, url.hostname, port);
  listener?.request(input.method, url, input.body);
  try {
    const { socket } = await startOf(route, input.signal);
    const answer = await new Promise<HttpsAnswer>((resolve, reject) => {
      const outgoing = request(
        {
          method: input.method,
          host: route.host,
          port: route.port,
          path: `${url.pathname}${url.search}`,
          agent: new Agent({
            keepAlive: false,
            secureContext: route.secureContext,
            servername: route.serverName,
            ...(socket === undefined ? {} : { socket }),
          }),
          headers: {
            ...input.headers,
            host: url.host,
            ...(input.body === undefined ? {} : { 'content-length': String(Buffer.byteLength(input.body)) }),
          },
          signal,
          timeout: route.idleTimeoutMs,
        },
        (incoming) => {
          const chunks: Buffer[] = [];
          let size = 0;
          incoming.on('data', (chunk: Buffer) => {
            size += chunk.length;
            chunks.push(chunk);
            if (size > MAX_BODY_BYTES) incoming.destroy(new Error('answer is too large'));
          });
          incoming.on('error', reject);
          incoming.on('end', () => {
            const headers: Record<string, string> = {};
            for (const [name, value] of Object.entries(incoming.headers)) {
              headers[name] = Array.isArray(value) ? value.join(', ') : (value ?? '');
            }
            resolve({
              status: incoming.statusCode ?? 0,
              headers,
              body: Buffer.concat(chunks).toString('utf8'),
            });
          });
        },
      );
      outgoing.on('timeout', () =>
        outgoing.destroy(Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' })),
      );
      outgoing.on('error', reject);
      outgoing.end(input.body);
    });
    listener?.answer(answer.status, answer.headers, answer.body);
    return answer;
  } catch (error) {
    listener?.note('no answer');
    if (input.signal?.aborted === true) throw input.signal.reason;
    if (isFailure(error)) throw error;
    if (deadline.aborted) {
      throw new Failure('host-timed-out', { parameters: { host: url.hostname, port }, cause: error });
    }
    throw (
      networkFailure(error, url.hostname, port) ??
      new Failure('connection-lost', {
        parameters: { host: url.hostname, port },
        serverText: error instanceof Error ? error.message : String(error),
        cause: error,
      })
    );
  }
}

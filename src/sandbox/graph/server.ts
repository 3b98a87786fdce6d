/**
 * The HTTPS face of Microsoft Graph: reads calls, lets them in, answers. What a call does is in the files beside.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server } from 'node:https';
import { createServer } from 'node:https';
import type { Answers, GraphAnswerScript, GraphStep } from '../answers/answers.js';
import type { Cloud } from '../directory/cloud.js';
import type { Delivery } from '../smtp/delivery.js';
import type { SubmissionLimits } from '../smtp/submission-limits.js';
import type { MailStore } from '../store/mail-store.js';
import type { ServerIdentity } from '../tls/certificates.js';
import type { AccessTokens } from '../token/access-tokens.js';
import { authenticate, challenge, openMailbox } from './access.js';
import type { GraphCall, GraphReply } from './call.js';
import { CallsUnderWay } from './calls-under-way.js';
import { createFolder, getFolder, listFolders } from './folder-calls.js';
import { badRequest, GraphError } from './graph-error.js';
import { listChanges, listMessages } from './list-calls.js';
import { MailboxIndex } from './mailbox-index.js';
import {
  copyMessage,
  deleteForGood,
  deleteMessage,
  getMessage,
  getSource,
  moveMessage,
  updateMessage,
} from './message-calls.js';
import { readOperation } from './operations.js';
import { Outgoing } from './outgoing.js';
import { addAttachment, createDraft, createUpload, sendDraft, sendMail } from './send-calls.js';
import { isUpload, takeRange } from './uploads.js';

export interface GraphServices {
  readonly cloud: Cloud;
  readonly accessTokens: AccessTokens;
  readonly answers: Answers;
  readonly store: MailStore;
  readonly delivery: Delivery;
  readonly limits: SubmissionLimits;
  readonly now: () => number;
  /** Takes errors that are the sandbox's own fault. */
  readonly reportFault: (fault: unknown) => void;
}

/** https://learn.microsoft.com/graph/throttling-limits: a request has at most 4 MB. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

const CALLS: Readonly<Record<GraphStep, (call: GraphCall) => GraphReply>> = {
  'list-folders': listFolders,
  'get-folder': getFolder,
  'create-folder': createFolder,
  'list-messages': listMessages,
  'get-message': getMessage,
  'update-message': updateMessage,
  'delete-message': deleteMessage,
  delta: listChanges,
  source: getSource,
  move: moveMessage,
  copy: copyMessage,
  'permanent-delete': deleteForGood,
  'send-mail': sendMail,
  'create-draft': createDraft,
  'add-attachment': addAttachment,
  'create-upload': createUpload,
  'send-draft': sendDraft,
};

export function createGraphServer(identity: ServerIdentity, services: GraphServices): Server {
  const state = {
    underWay: new CallsUnderWay(),
    outgoing: new Outgoing(services.delivery, services.limits, services.now),
  };
  const server = createServer(
    { cert: identity.certificate, key: identity.privateKey, minVersion: 'TLSv1.2' },
    (request, response) => {
      serve(request, response, services, state).catch((failure: unknown) => {
        // A request that broke off has nobody left to answer.
        if (!request.destroyed || request.complete) services.reportFault(failure);
        response.destroy();
      });
    },
  );
  server.requestTimeout = 30_000;
  return server;
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  services: GraphServices,
  state: GraphState,
): Promise<void> {
  const clientRequestId = request.headers['client-request-id'];
  response.setHeader('request-id', randomUUID());
  if (typeof clientRequestId === 'string') response.setHeader('client-request-id', clientRequestId);
  try {
    const body = await readBody(request);
    send(response, answer(request, response, body, services, state));
  } catch (failure) {
    if (failure instanceof Dictated) sayDictated(response, failure.script);
    else if (failure instanceof GraphError) sendError(response, failure);
    else throw failure;
  }
}

/** What the server remembers between calls. */
interface GraphState {
  readonly underWay: CallsUnderWay;
  readonly outgoing: Outgoing;
}

/** Thrown where a dictated answer takes the place of a call's own. */
class Dictated extends Error {
  readonly script: GraphAnswerScript;

  constructor(script: GraphAnswerScript) {
    super('dictated');
    this.script = script;
  }
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  body: Buffer,
  services: GraphServices,
  { underWay, outgoing }: GraphState,
): GraphReply {
  const url = new URL(request.url ?? '/', 'https://graph.microsoft.com');
  if (isUpload(url)) return takeRange(request, url, body, outgoing, services.now);
  const operation = readOperation(request.method ?? '', url.pathname);
  const dictated = services.answers.takeGraph(operation.step);
  if (dictated !== undefined && dictated.cutAfterBytes === undefined) throw new Dictated(dictated);
  const caller = authenticate(request.headers.authorization, services);
  const settings = openMailbox(caller, operation.mailbox, operation.need);
  if (settings.graphThrottledSeconds !== undefined) throw throttled(settings.graphThrottledSeconds);
  const leave = underWay.enter(`${caller.claims.appid} ${settings.address}`);
  response.once('close', leave);
  const prefer = request.headers['prefer'];
  const contentType = request.headers['content-type'] ?? '';
  const reply = CALLS[operation.step]({
    operation,
    settings,
    caller,
    outgoing,
    now: services.now,
    url,
    index: new MailboxIndex(services.store.open(settings), settings.language),
    prefer: Array.isArray(prefer) ? prefer.join(', ') : (prefer ?? ''),
    raw: { contentType, bytes: body },
    body: isJson(contentType) ? parse(body) : undefined,
  });
  // A source counts for as long as it is being taken; anything else is done as soon as it is known.
  if (!('source' in reply)) leave();
  if (dictated?.cutAfterBytes !== undefined && 'source' in reply) {
    throw new Dictated({ ...dictated, body: reply.source });
  }
  return reply;
}

const throttled = (seconds: number): GraphError =>
  new GraphError(429, 'ApplicationThrottled', 'Application is over its MailboxConcurrency limit.', {
    'Retry-After': String(seconds),
  });

const isJson = (contentType: string): boolean => contentType === '' || /\bjson\b/iu.test(contentType);

function parse(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch {
    throw badRequest('Unable to read JSON request payload.');
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) {
      throw new GraphError(413, 'RequestEntityTooLarge', 'The request body is too large.');
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function send(response: ServerResponse, reply: GraphReply): void {
  if ('source' in reply) {
    response.writeHead(200, { 'Content-Type': 'text/plain' });
    response.end(reply.source);
  } else if ('json' in reply) {
    response.writeHead(reply.status, { 'Content-Type': 'application/json; odata.metadata=minimal' });
    response.end(reply.json === undefined ? '' : JSON.stringify(reply.json));
  } else {
    if ('location' in reply) response.setHeader('Location', reply.location);
    response.writeHead(reply.status);
    response.end();
  }
}

function sendError(response: ServerResponse, { status, code, message, headers }: GraphError): void {
  response.writeHead(status, { ...headers, 'Content-Type': 'application/json' });
  const id = response.getHeader('request-id');
  const innerError = {
    date: new Date().toISOString().slice(0, 19),
    'request-id': id,
    'client-request-id': id,
  };
  response.end(JSON.stringify({ error: { code, message, innerError } }));
}

function sayDictated(response: ServerResponse, script: GraphAnswerScript): void {
  const { status, error, body, retryAfterSeconds, claims, cutAfterBytes } = script;
  if (cutAfterBytes !== undefined) {
    response.writeHead(200, { 'Content-Type': 'text/plain' });
    response.write((body as Buffer).subarray(0, cutAfterBytes), () => response.destroy());
    return;
  }
  const headers = {
    ...(claims === undefined ? {} : challenge(claims).headers),
    ...(retryAfterSeconds === undefined ? {} : { 'Retry-After': String(retryAfterSeconds) }),
  };
  if (error !== undefined) {
    sendError(response, new GraphError(status, error.code, error.message, headers));
    return;
  }
  response.writeHead(status, { ...headers, 'Content-Type': 'application/json' });
  response.end(body === undefined ? '' : JSON.stringify(body));
}

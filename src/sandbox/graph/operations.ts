/**
 * The calls of Graph that the sandbox knows: which path and method mean which, and what each needs. Must not: do them.
 */
import type { GraphStep } from '../answers/answers.js';
import { GraphError } from './graph-error.js';
import type { Need } from './access.js';

export interface Operation {
  readonly step: GraphStep;
  readonly need: Need;
  /** undefined: the caller's own. */
  readonly mailbox: string | undefined;
  readonly folder: string | undefined;
  readonly message: string | undefined;
}

interface Pattern {
  readonly method: string;
  /** Below the mailbox; {f} is a folder, {m} a message. */
  readonly path: string;
  readonly step: GraphStep;
  readonly need: Need;
}

const pattern = (method: string, path: string, step: GraphStep, need: Need): Pattern => ({
  method,
  path,
  step,
  need,
});

const PATTERNS: readonly Pattern[] = [
  pattern('GET', 'mailFolders', 'list-folders', 'basic'),
  pattern('POST', 'mailFolders', 'create-folder', 'write'),
  pattern('GET', 'mailFolders/{f}', 'get-folder', 'basic'),
  pattern('GET', 'mailFolders/{f}/childFolders', 'list-folders', 'basic'),
  pattern('POST', 'mailFolders/{f}/childFolders', 'create-folder', 'write'),
  pattern('GET', 'mailFolders/{f}/messages', 'list-messages', 'basic'),
  pattern('GET', 'mailFolders/{f}/messages/delta', 'delta', 'basic'),
  pattern('GET', 'messages/{m}', 'get-message', 'basic'),
  pattern('PATCH', 'messages/{m}', 'update-message', 'write'),
  pattern('DELETE', 'messages/{m}', 'delete-message', 'write'),
  pattern('GET', 'messages/{m}/$value', 'source', 'read'),
  pattern('POST', 'messages/{m}/move', 'move', 'write'),
  pattern('POST', 'messages/{m}/copy', 'copy', 'write'),
  pattern('POST', 'messages/{m}/permanentDelete', 'permanent-delete', 'write'),
  pattern('POST', 'sendMail', 'send-mail', 'send'),
  pattern('POST', 'messages', 'create-draft', 'write'),
  pattern('POST', 'messages/{m}/attachments', 'add-attachment', 'write'),
  pattern('POST', 'messages/{m}/attachments/createUploadSession', 'create-upload', 'write'),
  pattern('POST', 'messages/{m}/send', 'send-draft', 'send'),
];

/** @throws GraphError for what Graph, or this sandbox, does not know */
export function readOperation(method: string, pathname: string): Operation {
  const [empty, version, ...segments] = pathname.split('/').map(decodeSegment);
  if (empty !== '' || version !== 'v1.0') throw unknown();
  const isOwn = segments[0] === 'me';
  const mailbox = isOwn ? undefined : segments[1];
  if (!isOwn && (segments[0] !== 'users' || mailbox === undefined || mailbox === '')) throw unknown();
  const rest = segments.slice(isOwn ? 1 : 2);
  let pathIsKnown = false;
  for (const { method: wanted, path, step, need } of PATTERNS) {
    const found = match(path.split('/'), rest);
    if (found === undefined) continue;
    pathIsKnown = true;
    if (wanted === method) return { step, need, mailbox, ...found };
  }
  throw pathIsKnown ? new GraphError(405, 'UnknownError', 'The method is not allowed.') : unknown();
}

function match(
  pattern: readonly string[],
  segments: readonly string[],
): { folder: string | undefined; message: string | undefined } | undefined {
  if (pattern.length !== segments.length) return undefined;
  let folder: string | undefined;
  let message: string | undefined;
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index] ?? '';
    if (part === '{f}') folder = segment;
    else if (part === '{m}') message = segment;
    else if (part !== segment) return undefined;
  }
  return folder === '' || message === '' ? undefined : { folder, message };
}

const unknown = (): GraphError => new GraphError(400, 'BadRequest', 'Resource not found for the segment.');

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw unknown();
  }
}

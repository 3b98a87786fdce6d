/**
 * Takes the ranges of a large file, at the address that createUploadSession gave
 * (https://learn.microsoft.com/graph/outlook-large-attachments). That address is the permission: a token does not belong
 * there, and one that comes along is refused, so that nobody sends it unseen.
 */
import type { IncomingMessage } from 'node:http';
import type { GraphReply } from './call.js';
import { GraphError } from './graph-error.js';
import type { Outgoing } from './outgoing.js';

const RANGE = /^bytes (\d+)-(\d+)\/(\d+)$/u;

export const isUpload = ({ pathname }: URL): boolean => pathname.startsWith('/api/gv1.0/');

/** @throws GraphError */
export function takeRange(
  { method, headers }: IncomingMessage,
  { searchParams }: URL,
  body: Buffer,
  outgoing: Outgoing,
  now: () => number,
): GraphReply {
  if (headers.authorization !== undefined) {
    throw new GraphError(
      401,
      'InvalidAuthenticationToken',
      'The upload address takes no Authorization header.',
    );
  }
  const secret = searchParams.get('authtoken') ?? '';
  const upload = outgoing.upload(secret);
  if (upload === undefined || now() >= upload.expiresAt) {
    outgoing.endUpload(secret);
    throw new GraphError(404, 'ErrorItemNotFound', 'The upload session was not found.');
  }
  if (method === 'DELETE') {
    outgoing.endUpload(secret);
    return { status: 204 };
  }
  if (method === 'GET') return next(upload.received, upload.expiresAt);
  if (method !== 'PUT') throw new GraphError(405, 'UnknownError', 'The method is not allowed.');
  const [, first, last, whole] = (RANGE.exec(headers['content-range'] ?? '') ?? []).map(Number);
  const fits =
    first === upload.received && last === upload.received + body.length - 1 && whole === upload.size;
  if (!fits || body.length === 0) {
    throw new GraphError(416, 'ErrorInvalidRange', 'The range does not follow what was received.');
  }
  upload.pieces.push(body);
  upload.received += body.length;
  if (upload.received < upload.size) return next(upload.received, upload.expiresAt);
  outgoing.endUpload(secret);
  outgoing.addFile(upload.itemId, { ...upload.file, bytes: Buffer.concat(upload.pieces) });
  return { status: 201, location: upload.location };
}

function next(received: number, expiresAt: number): GraphReply {
  return {
    status: 200,
    json: {
      expirationDateTime: new Date(expiresAt).toISOString(),
      nextExpectedRanges: [String(received)], // without the hyphen that createUploadSession has
    },
  };
}

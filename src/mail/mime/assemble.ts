/**
 * The same message from its header and the parts that were fetched. Owns: how a server's description of a leaf is read.
 * Must not: decide anything that message.ts decides for a whole message.
 */
import type { LeafOutline, MessageInParts } from '../reading.js';
import { bareContentId, BodyRules, type LeafHead } from './body-rules.js';
import type { WordReport } from './encoded-words.js';
import { parseHeaderBlock } from './headers.js';
import { attachmentHead, MessageCollector, type ParsedMessage, type ParseLimits } from './message.js';
import { decodeParameters } from './parameters.js';
import { transferDecoder, undecoded } from './transfer-decoder.js';

/**
 * Leaves without a body are listed as the server describes them, without SHA-256; texts that were not fetched are left out.
 * @throws what a sink throws
 */
export async function assembleMessage(
  { header, leaves, facts }: MessageInParts,
  limits: ParseLimits,
): Promise<ParsedMessage> {
  const waits: Promise<void>[] = [];
  const collector = new MessageCollector(limits, waits);
  const rules = new BodyRules();
  try {
    for (const outline of leaves) {
      const leaf = outlineHead(outline, (code, charset) => collector.warn(code, outline.part, charset));
      const { body, pieces } = outline;
      if (body !== undefined || pieces !== undefined) {
        const take = takeLeaf(collector, leaf, outline.encoding);
        if (body !== undefined) take.push(body);
        for await (const piece of pieces ?? []) {
          take.push(piece);
          if (waits.length > 0) await Promise.all(waits.splice(0));
        }
        take.end();
        await Promise.all(waits.splice(0));
      } else if (!rules.isBody(leaf)) {
        const head = attachmentHead(leaf, (code, detail) => collector.warn(code, leaf.path, detail));
        collector.add({
          ...head,
          size: decodedSize(outline),
          sha256: null,
          bytes: undefined,
          message: undefined,
        });
      }
    }
  } catch (error) {
    collector.abort(error);
    throw error;
  }
  const fields = parseHeaderBlock(header, (name) => collector.warn('charset-mismatch', '', name));
  return collector.message(facts.statedSize ?? header.length, fields);
}

function takeLeaf(
  collector: MessageCollector,
  leaf: LeafHead,
  encoding: string,
): { push: (body: Buffer) => void; end: () => void } {
  const known = transferDecoder(encoding);
  if (known === undefined) collector.warn('encoding-unknown', leaf.path, encoding);
  const decoder = known ?? undecoded;
  collector.leaf(leaf);
  const decoded = (bytes: Buffer): void => {
    if (bytes.length > 0) collector.body(bytes);
  };
  return {
    push: (body) => decoded(decoder.push(body)),
    end() {
      decoded(decoder.end());
      collector.leafEnd();
    },
  };
}

export function outlineHead(outline: LeafOutline, report?: WordReport): LeafHead {
  const { part, contentType, parameters, disposition, dispositionParameters, contentId, within } = outline;
  const lowered = (written: Readonly<Record<string, string>>): [string, string][] =>
    Object.entries(written).map(([name, value]) => [name.toLowerCase(), value]);
  return {
    path: part,
    contentType: { value: contentType, parameters: decodeParameters(lowered(parameters), report) },
    disposition: {
      value: disposition ?? '',
      parameters: decodeParameters(lowered(dispositionParameters), report),
    },
    contentId: bareContentId(contentId),
    within: within === undefined ? undefined : `multipart/${within}`,
  };
}

/** Four characters stand for three bytes, and after 76 of them comes a line break (RFC 2045 section 6.8). */
export function decodedSize({ encoding, statedSize }: LeafOutline): number {
  return encoding === 'base64' ? Math.floor((statedSize * 76 * 3) / (78 * 4)) : statedSize;
}

/** Between which numbers the decoded bytes are, whatever the length of lines (not below 30 characters) and the share of escapes. */
export function decodedBounds({ encoding, statedSize }: LeafOutline): { least: number; most: number } {
  switch (encoding) {
    case 'base64':
      return { least: Math.floor(statedSize * 0.7), most: Math.ceil(statedSize * 0.75) };
    case 'quoted-printable':
      return { least: Math.floor(statedSize / 3), most: statedSize };
    case 'x-uuencode':
    case 'x-uue':
    case 'uuencode':
    case 'uue':
      return { least: 0, most: statedSize };
    default:
      return { least: statedSize, most: statedSize };
  }
}

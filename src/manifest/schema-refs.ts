/**
 * Follows $ref between schema files. Owns: turning a schema into one self-contained document for those who
 * cannot follow files (a form, a host). Must not: validate.
 */
import { posix } from 'node:path';
import { loadSchema, type JsonSchema } from './load.js';

type Json = JsonSchema | readonly unknown[] | string | number | boolean | null;

function at(document: JsonSchema, pointer: string): unknown {
  let node: unknown = document;
  for (const segment of pointer.split('/').slice(1)) {
    node = (node as Record<string, unknown>)[segment.replaceAll('~1', '/').replaceAll('~0', '~')];
  }
  return node;
}

function inline(node: unknown, file: string, document: JsonSchema): unknown {
  if (Array.isArray(node)) return node.map((item) => inline(item, file, document));
  if (typeof node !== 'object' || node === null) return node;
  const { $ref, ...beside } = node as Record<string, unknown>;
  if (typeof $ref === 'string') {
    const [path = '', pointer = ''] = $ref.split('#');
    const owner = path === '' ? file : posix.join(posix.dirname(file), path);
    const target = path === '' ? document : loadSchema(owner);
    const resolved = inline(at(target, pointer), owner, target) as Record<string, unknown>;
    return { ...resolved, ...(inline(beside, file, document) as object) };
  }
  return Object.fromEntries(
    Object.entries(node)
      .filter(([key]) => key !== '$id' && key !== '$schema' && key !== '$defs')
      .map(([key, value]) => [key, inline(value as Json, file, document)]),
  );
}

/** The schema of a file with every $ref replaced by what it names. */
export function resolveSchema(file: string): JsonSchema {
  const document = loadSchema(file);
  return inline(document, file, document) as JsonSchema;
}

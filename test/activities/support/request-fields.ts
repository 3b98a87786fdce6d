/**
 * The fields that a request of Send Email can have, by its schema, so that a table of messages can be held against them.
 * A path has a star for the place in a list: every `/to/0/name` is `/to/*` + `/name`.
 */
import { resolveSchema } from '../../../src/manifest/schema-refs.js';

interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly oneOf?: readonly Schema[];
}

export interface RequestField {
  readonly path: string;
  /** A text of the caller's own: no choice out of a list. */
  readonly isText: boolean;
}

/** Every field, lists and objects as well as what is in them. */
export function requestFields(): RequestField[] {
  return [...fieldsOf(resolveSchema('schemas/activities/send-email/request.schema.json'), '')];
}

function* fieldsOf(schema: Schema, path: string): Generator<RequestField> {
  if (path !== '') {
    const isString = [schema.type ?? []].flat().includes('string');
    yield { path, isText: isString && schema.enum === undefined };
  }
  for (const [name, own] of Object.entries(schema.properties ?? {})) yield* fieldsOf(own, `${path}/${name}`);
  if (schema.items !== undefined) yield* fieldsOf(schema.items, `${path}/*`);
  for (const one of schema.oneOf ?? [])
    yield* [...fieldsOf(one, path)].filter((field) => field.path !== path);
}

/** The fields that a request has. */
export function* fieldsIn(value: unknown, path = ''): Generator<string> {
  if (path !== '') yield path;
  if (typeof value !== 'object' || value === null) return;
  for (const [name, own] of Object.entries(value))
    yield* fieldsIn(own, Array.isArray(value) ? `${path}/*` : `${path}/${name}`);
}

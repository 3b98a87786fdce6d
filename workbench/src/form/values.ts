/** Values of a form: what it starts with, and what is sent. Must not: judge them. */
import type { Schema } from '../server/description.js';

export type Values = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Defaults of the schema's own properties, and of the first alternative where there are some. */
export function defaultsOf(schema: Schema): Values {
  const properties = isObject(schema['properties']) ? schema['properties'] : {};
  const entries = Object.entries(properties).flatMap(([name, property]): [string, unknown][] => {
    if (!isObject(property)) return [];
    if ('default' in property) return [[name, property['default']]];
    const [first] = Array.isArray(property['oneOf']) ? (property['oneOf'] as unknown[]) : [];
    return isObject(first) ? [[name, defaultsOf(first)]] : [];
  });
  return Object.fromEntries(entries);
}

/** The values without what was left blank: a form knows no difference between empty and absent, a schema does. */
export function withoutBlanks(value: unknown): unknown {
  // A blank entry of a list stays: it was added on purpose, and its place in the list names it in a problem.
  if (Array.isArray(value)) return value.map((item) => withoutBlanks(item) ?? (isObject(item) ? {} : ''));
  if (!isObject(value)) return value === '' || value === null ? undefined : value;
  const entries = Object.entries(value)
    .map(([key, item]) => [key, withoutBlanks(item)] as const)
    .filter(([, item]) => item !== undefined);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/**
 * Attachments as data: JSON here, CSV and XML in files of their own. Owns: the answer's shape and the limits on JSON.
 * Text comes decoded; a character set is the caller's business. Must not: guess types: text stays text.
 */
import { cleanText } from '../mime/charset.js';
import { saying, Warnings, type ContentWarning } from './warnings.js';

export type DataValue =
  string | number | boolean | null | readonly DataValue[] | { readonly [key: string]: DataValue };

export type ParsedData<Data> =
  { readonly data: Data; readonly warnings: readonly ContentWarning[] } | { readonly problem: DataProblem };

export interface DataProblem {
  /** What kept it from being read: too-large, too-deep, too-many-values, malformed, empty, doctype, name-reserved, delimiter. */
  readonly code: string;
  readonly detail?: string;
}

/** Characters of an attachment that is parsed into data: what is larger belongs into a file. */
export const MAX_DATA_LENGTH = 5_000_000;
/** Deeper data breaks the recursion of whoever walks it afterwards. */
export const MAX_DATA_DEPTH = 100;
/** Values and elements: each takes some 100 bytes in memory, however short it is written. */
export const MAX_DATA_VALUES = 500_000;

export function problem(code: string, detail?: string | number): { problem: DataProblem } {
  return { problem: saying(code, detail) };
}

/** A byte order mark is no part of the text. */
export function withoutMark(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

/** Integers beyond this many digits lose the last ones in a JSON number. */
const EXACT_DIGITS = 15;

export function parseJson(text: string): ParsedData<DataValue> {
  if (text.length > MAX_DATA_LENGTH) return problem('too-large', text.length);
  const json = withoutMark(text).trim();
  if (json === '') return problem('empty');
  const { depth, values, inexact } = measureJson(json);
  if (depth > MAX_DATA_DEPTH) return problem('too-deep', depth);
  if (values > MAX_DATA_VALUES) return problem('too-many-values', values);
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    return problem('malformed'); // SyntaxError; its message quotes the content
  }
  const warnings = new Warnings();
  if (inexact) warnings.add('number-inexact');
  return { data: clean(parsed, warnings), warnings: warnings.list };
}

/** Depth and number of values in one pass, before anything is built. */
function measureJson(json: string): { depth: number; values: number; inexact: boolean } {
  let depth = 0;
  let deepest = 0;
  let values = 1;
  let digits = 0;
  let inexact = false;
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (code >= 0x30 && code <= 0x39) {
      digits++;
      if (digits > EXACT_DIGITS) inexact = true;
      continue;
    }
    digits = 0;
    if (code === 0x22) {
      at++;
      while (at < json.length && json[at] !== '"') at += json[at] === '\\' ? 2 : 1;
    } else if (code === 0x5b || code === 0x7b) {
      depth++;
      values++;
      deepest = Math.max(deepest, depth);
    } else if (code === 0x5d || code === 0x7d) {
      depth--;
    } else if (code === 0x2c) {
      values++;
    }
  }
  return { depth: deepest, values, inexact };
}

/**
 * Clean strings, and no key by which a careless merge would change the prototype of all objects: `__proto__`, and
 * `constructor` with a `prototype` in it, are left out and named.
 */
function clean(value: unknown, warnings: Warnings): DataValue {
  if (typeof value === 'string') return cleanText(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'boolean' || value === null || value === undefined) return value ?? null;
  if (Array.isArray(value)) return value.map((inner) => clean(inner, warnings));
  const entries: [string, DataValue][] = [];
  for (const [stated, inner] of Object.entries(value)) {
    const key = cleanText(stated);
    if (isUnsafeKey(key, inner)) warnings.add('key-left-out', key);
    else entries.push([key, clean(inner, warnings)]);
  }
  return Object.fromEntries(entries);
}

function isUnsafeKey(key: string, value: unknown): boolean {
  if (key === '__proto__') return true;
  return (
    key === 'constructor' && typeof value === 'object' && value !== null && Object.hasOwn(value, 'prototype')
  );
}

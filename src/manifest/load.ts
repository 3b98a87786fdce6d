/**
 * Reads connector.json and what it names (schemas, form layers, locales) from the package.
 * Owns: where the package's data files are. Must not: interpret a schema, or import anything that runs.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FormLayer, Manifest } from '../generated/types.js';

/** A JSON Schema (draft 2020-12) as plain data. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
}

/** Texts of one language: nested objects whose leaves are strings, addressed by dotted keys. */
export interface LocaleTree {
  readonly [key: string]: string | LocaleTree;
}

const root = new URL('../../', import.meta.url);
const parsed = new Map<string, unknown>();

/** Absolute path of a file named in the manifest. */
export function packagePath(path: string): string {
  return fileURLToPath(new URL(path, root));
}

function readJson(path: string): unknown {
  let value = parsed.get(path);
  if (value === undefined) {
    value = JSON.parse(readFileSync(new URL(path, root), 'utf8')) as unknown;
    parsed.set(path, value);
  }
  return value;
}

/** The manifest. Tests hold it against its own schema; it is not validated again at run time. */
export function loadManifest(): Manifest {
  return readJson('connector.json') as Manifest;
}

/** Paths of all schemas of the package, from its root. */
export function schemaFiles(): string[] {
  return readdirSync(new URL('schemas/', root), { recursive: true, encoding: 'utf8' })
    .map((path) => `schemas/${path.split(sep).join('/')}`)
    .filter((path) => path.endsWith('.schema.json'))
    .sort();
}

/** A schema by its path from the package's root, for example schemas/common/check.schema.json. */
export function loadSchema(path: string): JsonSchema {
  return readJson(path) as JsonSchema;
}

export function loadFormLayer(path: string): FormLayer {
  return readJson(path) as FormLayer;
}

/** All texts of a language that the manifest names: the trees of its files side by side. */
export function loadLocale(language: string): LocaleTree {
  const files = loadManifest().locales.files[language] ?? [];
  return Object.assign({}, ...files.map((path) => readJson(path) as LocaleTree)) as LocaleTree;
}

export function loadSample(path: string): unknown {
  return structuredClone(readJson(path));
}

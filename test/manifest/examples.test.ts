/**
 * Every schema is tested by its own examples: the valid ones pass, the invalid ones fail at the field they are about.
 * Examples live in schemas/examples/<schema>/{valid,invalid}-*.json; an invalid one says why.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { loadManifest, packagePath, problemsOf, schemaFiles } from '../../src/manifest/index.js';

interface Counterexample {
  readonly reason: string;
  readonly pointers: readonly string[];
  readonly value: unknown;
}

const folder = packagePath('schemas/examples');
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .map((path) => path.split(sep).join('/'))
  .filter((path) => path.endsWith('.json'));
const read = (path: string): unknown => JSON.parse(readFileSync(join(folder, path), 'utf8')) as unknown;
const schemaOf = (path: string): string => `schemas/${path.replace(/\/[^/]+$/u, '')}.schema.json`;
const named = (prefix: string): string[] =>
  files.filter((path) => path.split('/').at(-1)?.startsWith(prefix) === true);

test('each schema has a valid and an invalid example', () => {
  for (const schema of schemaFiles()) {
    const own = files.filter((path) => schemaOf(path) === schema).map((path) => path.split('/').at(-1) ?? '');
    // The manifest's valid example is connector.json itself.
    if (schema !== 'schemas/manifest.schema.json')
      expect([schema, own.some((name) => name.startsWith('valid-'))]).toEqual([schema, true]);
    expect([schema, own.some((name) => name.startsWith('invalid-'))]).toEqual([schema, true]);
  }
  expect(files.every((path) => schemaFiles().includes(schemaOf(path)))).toBe(true);
});

describe('valid', () => {
  test.each(named('valid-'))('%s', (path) => {
    expect(problemsOf(schemaOf(path), read(path), 'test')).toEqual([]);
  });
  test('connector.json', () => {
    expect(problemsOf('schemas/manifest.schema.json', structuredClone(loadManifest()), 'test')).toEqual([]);
  });
});

describe('invalid', () => {
  test.each(named('invalid-'))('%s', (path) => {
    const { reason, pointers, value } = read(path) as Counterexample;
    expect(reason.length).toBeGreaterThan(10);
    const found = problemsOf(schemaOf(path), value, 'test').map(({ pointer }) => pointer);
    expect(found).toEqual(expect.arrayContaining([...pointers]));
  });
});

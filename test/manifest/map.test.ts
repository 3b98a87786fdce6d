/**
 * Walks manifest ↔ schemas ↔ handlers ↔ locales ↔ docs: nothing is declared that is not used, and nothing used that
 * is not declared.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { AUTH_METHODS } from '../../src/connection/index.js';
import { FAILURES } from '../../src/generated/failures.js';
import type { ReplyEntry } from '../../src/generated/types.js';
import type { Check } from '../../src/index.js';
import {
  languages,
  loadFormLayer,
  loadLocale,
  loadManifest,
  packagePath,
  resolveSchema,
  schemaFiles,
  textsIn,
  type JsonSchema,
  type LocaleTree,
} from '../../src/manifest/index.js';

const manifest = loadManifest();
const sources = allSources('src');

function allSources(folder: string): string {
  return readdirSync(packagePath(folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.startsWith('sandbox') && !path.startsWith('generated'))
    .map((path) => readFileSync(join(packagePath(folder), path), 'utf8'))
    .join('\n');
}

/** Field paths of a schema, array items and alternatives included; a shared shape (address …) is not entered. */
function fieldsOf(schema: JsonSchema, path: readonly string[] = []): string[] {
  const alternatives = (schema['oneOf'] ?? []) as JsonSchema[];
  const own = Object.entries((schema['properties'] ?? {}) as Record<string, JsonSchema>);
  return [
    ...own.flatMap(([name, field]) => [
      [...path, name].join('.'),
      ...(field['title'] === undefined ? fieldsOf(field, [...path, name]) : []),
    ]),
    ...alternatives.flatMap((alternative) => fieldsOf(alternative, path)),
  ];
}

function leaves(tree: LocaleTree, path = ''): string[] {
  return Object.entries(tree).flatMap(([key, value]) => {
    const full = path === '' ? key : `${path}.${key}`;
    return typeof value === 'string' ? [full] : leaves(value, full);
  });
}

const english = loadLocale('en');
const keys = new Set(leaves(english));
const forms = [
  ...manifest.connectionTypes.map(({ schema, ui }) => ({ schema, ui })),
  ...manifest.activities.flatMap(({ config, request }) => [config, request]),
];

describe('files', () => {
  test('named in the manifest exist, and every schema is reached from it', () => {
    const text = JSON.stringify(manifest);
    const named = [...text.matchAll(/"((?:schemas|locales|assets|catalogue)\/[^"]+)"/gu)].map(
      ([, path = '']) => path,
    );
    for (const path of named) expect([path, existsSync(packagePath(path))]).toEqual([path, true]);
    const reached = new Set(named.filter((path) => path.endsWith('.schema.json')));
    // Shapes of the calls that are not a form: check(), settle() and their failures; and those that describe files.
    const contract = ['check', 'failure', 'problem', 'settle-outcome', 'settled', 'transcript'].map(
      (name) => `schemas/common/${name}.schema.json`,
    );
    const catalogues = readdirSync(packagePath('catalogue')).map((name) => name.replace(/\.json$/u, ''));
    const meta = ['manifest', 'ui', ...catalogues].map((name) => `schemas/${name}.schema.json`);
    // What those refer to, and what that refers to.
    const found = new Set([...reached, ...contract]);
    for (const path of found) {
      const schema = readFileSync(packagePath(path), 'utf8');
      for (const other of schemaFiles()) {
        const name = other.split('/').at(-1) ?? '';
        if (schema.includes(`/${name}"`) || schema.includes(`"${name}"`)) found.add(other);
      }
    }
    expect(schemaFiles().filter((path) => !found.has(path) && !meta.includes(path))).toEqual([]);
  });

  test('the version is the package’s', () => {
    const { version } = JSON.parse(readFileSync(packagePath('package.json'), 'utf8')) as { version: string };
    expect(manifest.version).toBe(version);
  });
});

describe('forms', () => {
  test.each(forms)(
    '$schema has a label and a help for every field, and no text for a field it lacks',
    ({ schema, ui }) => {
      const { messages, fields } = loadFormLayer(ui ?? '');
      const paths = [...new Set(fieldsOf(resolveSchema(schema)))];
      for (const path of paths) expect([path, keys.has(`${messages}.${path}.label`)]).toEqual([path, true]);
      for (const path of paths.filter((one) => !one.endsWith('.method') && !one.includes('.name'))) {
        expect([path, keys.has(`${messages}.${path}.help`)]).toEqual([path, true]);
      }
      const labelled = [...keys].filter((key) => key.startsWith(`${messages}.`) && key.endsWith('.label'));
      const known = [
        ...paths.map((path) => `${messages}.${path}.label`),
        ...['attachments.name', 'calendar.method', 'calendar.content'].map(
          (path) => `${messages}.${path}.label`,
        ),
      ];
      expect(labelled.filter((key) => !known.includes(key))).toEqual([]);
      for (const pointer of Object.keys(fields))
        expect(paths).toContain(pointer.slice(1).replaceAll('/', '.'));
    },
  );

  test.each(forms)('$schema has a text for every choice', ({ schema, ui }) => {
    const { messages } = loadFormLayer(ui ?? '');
    const properties = (resolveSchema(schema)['properties'] ?? {}) as Record<string, JsonSchema>;
    for (const [name, field] of Object.entries(properties)) {
      for (const value of (field['enum'] ?? []) as string[]) {
        expect(keys.has(`${messages}.${name}.options.${value}`)).toBe(true);
      }
    }
  });

  test('pick-lists that a field names are declared, and those declared are named', () => {
    const named = forms.flatMap(({ ui }) =>
      Object.values(loadFormLayer(ui ?? '').fields).flatMap(({ pickList }) => pickList ?? []),
    );
    expect([...new Set(named)].sort()).toEqual(manifest.pickLists.map(({ id }) => id).sort());
  });
});

describe('activities', () => {
  test.each(manifest.activities)(
    '$id has a handler, a test, a documentation page and a step for every field',
    (activity) => {
      const { id, config, request, steps } = activity;
      expect(existsSync(packagePath(`src/activities/${id}`))).toBe(true);
      expect(existsSync(packagePath(`test/activities/${id}.test.ts`))).toBe(true);
      expect(existsSync(packagePath(`docs/reference/${id}.md`))).toBe(true);
      const fields = Object.keys(resolveSchema(config.schema)['properties'] ?? {});
      expect(steps.flatMap((step) => step.fields).sort()).toEqual(fields.sort());
      const overridable = Object.entries(
        (resolveSchema(config.schema)['properties'] ?? {}) as Record<string, JsonSchema>,
      )
        .filter(([, field]) => field['x-overridable'] === true)
        .map(([name]) => name);
      const requested = Object.keys(resolveSchema(request.schema)['properties'] ?? {});
      // What a request can set of the settings is what the settings mark as overridable.
      expect(overridable.sort()).toEqual(requested.filter((name) => fields.includes(name)).sort());
      for (const step of steps) expect(keys.has(`${activity.messages}.steps.${step.id}.name`)).toBe(true);
    },
  );

  test('folders in src/activities are activities of the manifest', () => {
    const folders = readdirSync(packagePath('src/activities'), { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    );
    expect(folders.map(({ name }) => name).sort()).toEqual(manifest.activities.map(({ id }) => id).sort());
  });

  test('each setting is read by the code', () => {
    for (const { id, config } of manifest.activities) {
      const code = allSources(`src/activities/${id}`) + allSources('src/activities');
      for (const name of Object.keys(resolveSchema(config.schema)['properties'] ?? {})) {
        expect([id, name, new RegExp(`\\b${name}\\b`, 'u').test(code)]).toEqual([id, name, true]);
      }
    }
  });
});

describe('authentication methods', () => {
  const [connection] = manifest.connectionTypes;
  const methods = connection.authMethods.map(({ id }) => id);

  test('of the manifest are those of the schema and those with code', () => {
    const authentication = (resolveSchema(connection.schema)['properties'] as Record<string, JsonSchema>)[
      'authentication'
    ];
    const branches = (authentication?.['oneOf'] ?? []) as { properties: { method: { const: string } } }[];
    expect(branches.map(({ properties }) => properties.method.const).sort()).toEqual([...methods].sort());
    expect([...AUTH_METHODS].sort()).toEqual([...methods].sort());
  });

  test('have scopes and permissions for every transport of the activities, and a warning when they are legacy', () => {
    const transports = [...new Set(manifest.activities.flatMap((activity) => activity.transports))];
    for (const { id, scopes, permissions, legacy } of connection.authMethods) {
      for (const transport of transports) {
        expect(scopes[transport]?.length).toBeGreaterThan(0);
        expect(permissions[transport]?.length).toBeGreaterThan(0);
      }
      expect(keys.has(`${connection.messages}.methods.${id}.warning`)).toBe(legacy);
    }
  });
});

describe('failures', () => {
  /** The database that raises them comes next. */
  const announced = ['state-unavailable', 'state-newer', 'key-file-exposed'];

  test('of the manifest come from the code or from a server’s reply', () => {
    const codes: string[] = manifest.failures.map(({ code }) => code);
    expect(Object.keys(FAILURES)).toEqual(codes);
    expect(codes).toEqual(expect.arrayContaining(announced));
    const replies = JSON.parse(readFileSync(packagePath(manifest.replies), 'utf8')) as ReplyEntry[];
    const ofReplies = replies.flatMap(({ code, byMethod = {} }) => [code, ...Object.values(byMethod)]);
    const used = [...ofReplies, ...announced];
    expect(codes.filter((code) => !used.includes(code) && !sources.includes(`'${code}'`))).toEqual([]);
  });

  test('have title, cause and remedy, and only parameters in braces', () => {
    for (const { code } of manifest.failures) {
      for (const part of ['title', 'cause', 'remedy'])
        expect([code, part, keys.has(`failures.${code}.${part}`)]).toEqual([code, part, true]);
    }
    expect(
      [...keys]
        .filter((key) => key.startsWith('failures.'))
        .every((key) => Object.hasOwn(FAILURES, key.split('.')[1] ?? '')),
    ).toBe(true);
  });

  test('have an actor with a name', () => {
    for (const { actor } of manifest.failures) expect(keys.has(`actors.${actor}`)).toBe(true);
  });
});

describe('checks', () => {
  test('of the manifest are those of the schema, named and run by the code', () => {
    const { stage, status, transport } = resolveSchema('schemas/common/check.schema.json')[
      'properties'
    ] as Record<string, { enum: string[] }>;
    expect(manifest.connectionTypes[0].test.stages).toEqual(stage?.enum);
    for (const name of stage?.enum ?? []) {
      expect(keys.has(`checks.stages.${name}`)).toBe(true);
      expect([name, sources.includes(`stage: '${name as Check['stage']}'`)]).toEqual([name, true]);
    }
    for (const name of status?.enum ?? []) expect(keys.has(`checks.statuses.${name}`)).toBe(true);
    for (const name of transport?.enum ?? []) expect(keys.has(`checks.transports.${name}`)).toBe(true);
  });
});

describe('languages', () => {
  test.each(languages())('%s has every text, with the same parameters', (language) => {
    const tree = loadLocale(language);
    expect(leaves(tree).sort()).toEqual([...keys].sort());
    const parameters = (text: string | undefined): string[] =>
      [...new Set(text?.match(/\{\w+\}/gu) ?? [])].sort();
    for (const key of keys) {
      expect([key, parameters(textsIn(language).find(key))]).toEqual([
        key,
        parameters(textsIn('en').find(key)),
      ]);
    }
  });

  test('that nobody translated fall back to the default one, regions to their language', () => {
    expect(textsIn('fr').language).toBe('en');
    expect(textsIn('de-AT').language).toBe('de');
  });
});

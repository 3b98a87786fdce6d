/**
 * Compiles the forms' schemas into an ES module of plain functions, so that a page validates as the server does
 * without compiling anything: under a Content-Security-Policy that forbids eval, Ajv itself cannot run there.
 * Owns: that module. Must not: judge a value; src/manifest does for every call.
 */
import { Ajv2020 } from 'ajv/dist/2020.js';
import standaloneModule from 'ajv/dist/standalone/index.js';
import formatsModule from 'ajv-formats';
import { OWN_KEYWORDS, type JsonSchema } from '../manifest/index.js';
import { listForms } from './forms.js';
import { inlineRequires } from './inline-requires.js';

// Both are CommonJS whose types describe the ES module default: under Node the function is one level deeper.
const addFormats = formatsModule as unknown as (ajv: Ajv2020) => void;
const standaloneCode = standaloneModule as unknown as (
  ajv: Ajv2020,
  exported: Readonly<Record<string, string>>,
) => string;

/** Alternatives of a schema by JSON Pointer: a form asks which of them a value belongs to. */
function alternativesIn(node: unknown, pointer: string): [pointer: string, schema: JsonSchema][] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, child]) => {
    const at = `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    const own: [string, JsonSchema][] =
      (key === 'oneOf' || key === 'anyOf') && Array.isArray(child)
        ? child.map((branch: JsonSchema, index) => [`${at}/${index}`, branch])
        : [];
    return [...own, ...alternativesIn(child, at)];
  });
}

function generate(): string {
  const ajv = new Ajv2020({
    allErrors: true,
    // The form fills defaults in itself; a validator that changes what it judges would surprise it.
    useDefaults: false,
    discriminator: true,
    strict: true,
    strictRequired: false,
    allowUnionTypes: true,
    code: { source: true, esm: true, lines: true },
  });
  ajv.addVocabulary(OWN_KEYWORDS);
  addFormats(ajv);
  const names = new Map<string, string>();
  const add = (key: string, schema: JsonSchema): void => {
    names.set(`v${names.size}`, key);
    ajv.addSchema(schema, key);
  };
  for (const { id, schema } of listForms()) {
    add(id, schema);
    for (const [pointer, branch] of alternativesIn(schema, '')) add(`${id}#${pointer}`, branch);
  }
  const code = inlineRequires(standaloneCode(ajv, Object.fromEntries(names)));
  const table = [...names].map(([name, key]) => `  ${JSON.stringify(key)}: ${name},`);
  return `${code}\nexport const validators = {\n${table.join('\n')}\n};\n`;
}

let generated: string | undefined;

/**
 * Source of an ES module with one export, `validators`: form id, or "<form id>#<JSON Pointer of an alternative>",
 * → function (value) => boolean with Ajv's `errors` on it.
 */
export function validatorModule(): string {
  generated ??= generate();
  return generated;
}

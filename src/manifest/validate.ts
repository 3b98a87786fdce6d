/**
 * Judges everything that enters and leaves an activity by its schema, and says what is wrong field by field.
 * Owns: Ajv and the translation of its errors. Must not: render text.
 */
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import formatsModule from 'ajv-formats';
import { Failure, type FailureCode } from '../errors/index.js';
import type { FieldProblem } from '../generated/types.js';
import { loadSchema, schemaFiles } from './load.js';
import { textsIn } from './texts.js';

// ajv-formats is CommonJS whose types describe the ES module default: under Node the function is one level deeper.
const addFormats = formatsModule as unknown as (ajv: Ajv2020) => void;

/** Vocabulary of our own: which config fields a request may override, and which fields are secret. */
export const OWN_KEYWORDS = ['x-overridable', 'x-secret'];

function createAjv(): Ajv2020 {
  const ajv = new Ajv2020({
    allErrors: true,
    useDefaults: true,
    discriminator: true,
    strict: true,
    // `required` beside a oneOf whose branches define the property is how a discriminator is written.
    strictRequired: false,
    allowUnionTypes: true,
  });
  ajv.addVocabulary(OWN_KEYWORDS);
  addFormats(ajv);
  // Added, not compiled: Ajv compiles a schema at its first use.
  for (const file of schemaFiles()) ajv.addSchema(loadSchema(file));
  return ajv;
}

let ajv: Ajv2020 | undefined;
const validators = new Map<string, ValidateFunction>();

const ID_BASE = 'https://m365-email-connector.example/';

function validatorOf(file: string): ValidateFunction {
  let validator = validators.get(file);
  if (validator === undefined) {
    ajv ??= createAjv();
    validator = ajv.getSchema(`${ID_BASE}${file}`);
    if (validator === undefined) throw new Error(`No schema ${file}`);
    validators.set(file, validator);
  }
  return validator;
}

const RULES: Readonly<Record<string, string>> = {
  required: 'required',
  additionalProperties: 'unknown',
  type: 'type',
  enum: 'choice',
  const: 'choice',
  discriminator: 'choice',
  oneOf: 'shape',
  anyOf: 'shape',
  pattern: 'pattern',
  format: 'format',
  minLength: 'empty',
  maxLength: 'too-long',
  minimum: 'too-small',
  maximum: 'too-large',
  minItems: 'too-few',
  maxItems: 'too-many',
  uniqueItems: 'repeated',
};

function pointerOf(error: ErrorObject): string {
  const params = error.params as { missingProperty?: string; additionalProperty?: string; tag?: string };
  const name = params.missingProperty ?? params.additionalProperty ?? params.tag;
  return name === undefined
    ? error.instancePath
    : `${error.instancePath}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

function parametersOf(error: ErrorObject): FieldProblem['parameters'] {
  const params = error.params as {
    limit?: number;
    allowedValues?: unknown[];
    type?: string | string[];
    format?: string;
  };
  if (params.limit !== undefined) return { limit: params.limit };
  if (params.allowedValues !== undefined) return { allowed: params.allowedValues.map(String).join(', ') };
  if (params.type !== undefined) return { type: [params.type].flat().join(', ') };
  if (params.format !== undefined) return { format: params.format };
  return undefined;
}

/** Locale key of a field's label: the form's own, or that of a shape used in many forms. */
export function labelKeyOf(messages: string, pointer: string): string {
  const segments = pointer.split('/').filter((segment) => segment !== '' && !/^\d+$/u.test(segment));
  const own = `${[messages, ...segments].join('.')}.label`;
  if (textsIn('').find(own) !== undefined) return own;
  const shared = `common.fields.${segments.at(-1) ?? 'value'}.label`;
  return textsIn('').find(shared) === undefined ? 'common.fields.other.label' : shared;
}

/**
 * A shape with alternatives reports every alternative's errors; the reader needs one line. What a discriminator
 * chose keeps its own errors, since then only the chosen alternative was tried.
 */
function withoutAlternatives(errors: readonly ErrorObject[]): ErrorObject[] {
  const shapes = errors.filter(({ keyword }) => keyword === 'oneOf' || keyword === 'anyOf');
  return errors.filter(
    (error) =>
      shapes.includes(error) ||
      !shapes.some(({ schemaPath }) => error.schemaPath.startsWith(`${schemaPath}/`)),
  );
}

/** The problems of a value under a schema; empty when it is valid. Fills defaults into the value. */
export function problemsOf(file: string, value: unknown, messages: string): FieldProblem[] {
  const validate = validatorOf(file);
  if (validate(value)) return [];
  const seen = new Map<string, FieldProblem>();
  for (const error of withoutAlternatives(validate.errors ?? [])) {
    const pointer = pointerOf(error);
    const parameters = parametersOf(error);
    if (seen.has(pointer)) continue;
    seen.set(pointer, {
      pointer,
      label: labelKeyOf(messages, pointer),
      rule: RULES[error.keyword] ?? 'shape',
      ...(parameters === undefined ? {} : { parameters }),
    });
  }
  return [...seen.values()];
}

function plainCopy(value: unknown, code: FailureCode): unknown {
  try {
    return structuredClone(value);
  } catch (cause) {
    throw new Failure(code, {
      problems: [{ pointer: '', label: 'common.fields.value.label', rule: 'shape' }],
      cause,
    });
  }
}

/**
 * A copy of the value with defaults filled in, of the type that the schema describes.
 * @throws Failure with the given code (settings-invalid, input-invalid) and one problem per field
 */
export function validated<T>(file: string, value: unknown, messages: string, code: FailureCode): T {
  // JSON in, JSON out: what is not plain data (a function, a class instance) cannot be a setting or a record.
  const copy = plainCopy(value, code);
  const problems = problemsOf(file, copy, messages);
  if (problems.length > 0) throw new Failure(code, { problems });
  return copy as T;
}

/**
 * Judges everything that enters and leaves an activity by its schema, and says what is wrong field by field.
 * Owns: Ajv and the translation of its errors. Must not: render text.
 */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formatsModule from 'ajv-formats';
import { Failure, type FailureCode } from '../errors/index.js';
import type { FieldProblem } from '../generated/types.js';
import { loadSchema, schemaFiles } from './load.js';
import { problemsIn } from './problems.js';
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

/** The problems of a value under a schema; empty when it is valid. Fills defaults into the value. */
export function problemsOf(file: string, value: unknown, messages: string): FieldProblem[] {
  const validate = validatorOf(file);
  return validate(value) ? [] : problemsIn(validate.errors ?? [], messages, textsIn(''));
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

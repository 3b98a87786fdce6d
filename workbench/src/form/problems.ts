/**
 * What is wrong with a value, in the same words as the server's. Owns: the translation of a validator's errors.
 * The rules are those of src/manifest/validate.ts; test/http/validators.test.ts holds the two against each other.
 */
import type { FieldProblem } from '../../../src/generated/types.js';
import type { Texts } from '../texts/texts.js';

export interface ValidatorError {
  readonly keyword: string;
  readonly instancePath: string;
  readonly schemaPath: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** A function that the server compiled from a schema. */
export interface Validate {
  (value: unknown): boolean;
  errors?: readonly ValidatorError[] | null;
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

function pointerOf({ params, instancePath }: ValidatorError): string {
  const name = params['missingProperty'] ?? params['additionalProperty'] ?? params['tag'];
  return typeof name === 'string'
    ? `${instancePath}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
    : instancePath;
}

function parametersOf({ params }: ValidatorError): FieldProblem['parameters'] {
  const { limit, allowedValues, type, format } = params;
  if (typeof limit === 'number') return { limit };
  if (Array.isArray(allowedValues)) return { allowed: allowedValues.map(String).join(', ') };
  if (typeof type === 'string' || Array.isArray(type)) return { type: [type].flat().join(', ') };
  if (typeof format === 'string') return { format };
  return undefined;
}

/** Locale key of a field, without the final part (.label, .help …): the form's own, or that of a common field. */
export function fieldKeyOf(messages: string, pointer: string, texts: Texts): string {
  const segments = pointer.split('/').filter((segment) => segment !== '' && !/^\d+$/u.test(segment));
  const own = [messages, ...segments].join('.');
  if (texts.find(`${own}.label`) !== undefined) return own;
  const shared = `common.fields.${segments.at(-1) ?? 'value'}`;
  return texts.find(`${shared}.label`) === undefined ? 'common.fields.other' : shared;
}

/** Of alternatives that all failed, only the question itself is reported. */
function withoutAlternatives(errors: readonly ValidatorError[]): ValidatorError[] {
  const shapes = errors.filter(({ keyword }) => keyword === 'oneOf' || keyword === 'anyOf');
  return errors.filter(
    (error) =>
      shapes.includes(error) ||
      !shapes.some(({ schemaPath }) => error.schemaPath.startsWith(`${schemaPath}/`)),
  );
}

/** One problem per field; empty when the value is valid. */
export function problemsOf(
  validate: Validate,
  value: unknown,
  messages: string,
  texts: Texts,
): FieldProblem[] {
  if (validate(value)) return [];
  const seen = new Map<string, FieldProblem>();
  for (const error of withoutAlternatives(validate.errors ?? [])) {
    const pointer = pointerOf(error);
    if (seen.has(pointer)) continue;
    const parameters = parametersOf(error);
    seen.set(pointer, {
      pointer,
      label: `${fieldKeyOf(messages, pointer, texts)}.label`,
      rule: RULES[error.keyword] ?? 'shape',
      ...(parameters === undefined ? {} : { parameters }),
    });
  }
  return [...seen.values()];
}

/** One line about one field: its label, what is wrong, how to mend it. */
export function renderProblem(problem: FieldProblem, texts: Texts): string {
  const label = texts.text(problem.label);
  const wrong = texts.text(`validation.${problem.rule}`, {
    ...problem.parameters,
    label,
    pointer: problem.pointer,
  });
  const expected = texts.find(`${problem.label.replace(/\.label$/u, '')}.expected`);
  return expected === undefined || problem.rule === 'unknown' ? wrong : `${wrong} ${expected}`;
}

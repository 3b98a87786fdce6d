/**
 * What is wrong with a value, field by field, and how a failure reads. One wording for every door: the page in the
 * browser bundles this very file. Must not: import anything but generated files, or hold a text.
 */
import { FAILURES } from '../generated/failures.js';
import { INFERRED_REPLIES } from '../generated/replies.js';
import type { FailureReport, FieldProblem } from '../generated/types.js';

type Parameters = Readonly<Record<string, string | number | boolean>>;

/** Texts by dotted key. */
export interface TextSource {
  find(key: string, parameters?: Parameters): string | undefined;
  /** As find(), but a missing text shows as its key. */
  text(key: string, parameters?: Parameters): string;
}

/** What Ajv reports of one broken rule. */
export interface ValidatorError {
  readonly keyword: string;
  readonly instancePath: string;
  readonly schemaPath: string;
  readonly params: Readonly<Record<string, unknown>>;
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

/** Locale key of a field without its last part (.label, .help …): the form's own, or that of a shape used in many forms. */
export function fieldKeyOf(messages: string, pointer: string, texts: Pick<TextSource, 'find'>): string {
  const segments = pointer.split('/').filter((segment) => segment !== '' && !/^\d+$/u.test(segment));
  const own = [messages, ...segments].join('.');
  if (texts.find(`${own}.label`) !== undefined) return own;
  const shared = `common.fields.${segments.at(-1) ?? 'value'}`;
  return texts.find(`${shared}.label`) === undefined ? 'common.fields.other' : shared;
}

/**
 * A shape with alternatives reports every alternative's errors; the reader needs one line. What a discriminator
 * chose keeps its own errors, since then only the chosen alternative was tried.
 */
function withoutAlternatives(errors: readonly ValidatorError[]): ValidatorError[] {
  const shapes = errors.filter(({ keyword }) => keyword === 'oneOf' || keyword === 'anyOf');
  return errors.filter(
    (error) =>
      shapes.includes(error) ||
      !shapes.some(({ schemaPath }) => error.schemaPath.startsWith(`${schemaPath}/`)),
  );
}

/** One problem per field, in the order of the errors. */
export function problemsIn(
  errors: readonly ValidatorError[],
  messages: string,
  texts: Pick<TextSource, 'find'>,
): FieldProblem[] {
  const seen = new Map<string, FieldProblem>();
  for (const error of withoutAlternatives(errors)) {
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

/** A failure as a person reads it. */
export interface ReadableFailure {
  /** One line: what did not happen. */
  readonly title: string;
  /** Why. */
  readonly cause: string;
  /** What to do about it. */
  readonly remedy: string;
  /** Who can do it, for example "Exchange administrator". */
  readonly actor: string;
  /** One line per field for failures about fields. */
  readonly problems: readonly string[];
  /** Says that Microsoft does not document the answer, and that the explanation is our own conclusion. */
  readonly inference?: string;
  /** Says how long Microsoft may need until a change works everywhere. */
  readonly settling?: string;
  /** The same as a number. */
  readonly settlesWithinMinutes?: number;
  /** Page to read on: about this very answer where there is one, else about the code. */
  readonly docs?: string;
}

interface CatalogueEntry {
  readonly kind?: FailureReport['kind'];
  readonly docs?: string;
  readonly settlesWithinMinutes?: number;
}

/** Empty for a code of another version of the package. */
function catalogueEntry(code: string): CatalogueEntry {
  return Object.hasOwn(FAILURES, code) ? FAILURES[code as keyof typeof FAILURES] : {};
}

/** One line about one field: its label, what is wrong, how to mend it. */
export function renderProblem(problem: FieldProblem, texts: TextSource): string {
  const label = texts.text(problem.label, { pointer: problem.pointer });
  const parameters = { ...problem.parameters, label, pointer: problem.pointer };
  const wrong = texts.text(`validation.${problem.rule}`, parameters);
  const expected = texts.find(`${problem.label.replace(/\.label$/u, '')}.expected`);
  return expected === undefined || problem.rule === 'unknown' ? wrong : `${wrong} ${expected}`;
}

/** Parameters for a reader: a value that is a word of ours, such as the reason no-private-key, is translated. */
function inWords(parameters: Parameters, texts: TextSource): Parameters {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [
      name,
      texts.find(`explanations.words.${name}.${String(value)}`) ?? value,
    ]),
  );
}

/** Renders a failure in the language of the texts. */
export function renderFailure(failure: FailureReport, texts: TextSource): ReadableFailure {
  const parameters = inWords(failure.parameters ?? {}, texts);
  const part = (name: string): string => texts.text(`failures.${failure.code}.${name}`, parameters);
  const { settlesWithinMinutes: minutes, docs: page } = catalogueEntry(failure.code);
  const docs = failure.docs ?? page;
  return {
    title: part('title'),
    cause: part('cause'),
    remedy: part('remedy'),
    actor: texts.text(`actors.${failure.actor}`),
    problems: (failure.problems ?? []).map((problem) => renderProblem(problem, texts)),
    ...(failure.reply !== undefined && INFERRED_REPLIES.includes(failure.reply)
      ? { inference: texts.text('explanations.inferred') }
      : {}),
    ...(minutes === undefined
      ? {}
      : { settling: texts.text('explanations.settling', { minutes }), settlesWithinMinutes: minutes }),
    ...(docs === undefined ? {} : { docs }),
  };
}

/**
 * What is wrong with a value, in the same words as the server's: the rules and their wording are the connector's own
 * file. Owns: calling a validator that the server compiled.
 */
import type { FieldProblem } from '../../../src/generated/types.js';
import { problemsIn, type ValidatorError } from '../../../src/manifest/problems.js';
import type { Texts } from '../texts/texts.js';

export { fieldKeyOf, renderProblem } from '../../../src/manifest/problems.js';

/** A function that the server compiled from a schema. */
export interface Validate {
  (value: unknown): boolean;
  errors?: readonly ValidatorError[] | null;
}

/** One problem per field; empty when the value is valid. */
export function problemsOf(
  validate: Validate,
  value: unknown,
  messages: string,
  texts: Texts,
): FieldProblem[] {
  return validate(value) ? [] : problemsIn(validate.errors ?? [], messages, texts);
}

/**
 * RJSF's view of the ready-made validators. Owns: the answer to "which alternative does this value belong to".
 * Must not: compile a schema, which the page's security policy forbids, or report problems: problems.ts does.
 */
import type { RJSFSchema, ValidatorType } from '@rjsf/utils';
import type { FormDescription, Validators } from '../server/description.js';
import type { Validate } from './problems.js';

function fingerprint(schema: unknown): string {
  return JSON.stringify(schema);
}

function at(schema: unknown, pointer: string): unknown {
  return pointer
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((node: unknown, segment) => (node as Record<string, unknown> | undefined)?.[segment], schema);
}

/** RJSF asks about an alternative with a demand of its own added: at least one of its fields must be there. */
function withoutDemand(schema: RJSFSchema): RJSFSchema {
  const { allOf, ...rest } = schema;
  if (!Array.isArray(allOf)) return schema;
  const [first] = allOf as RJSFSchema[];
  return Object.keys(rest).length === 0 && first !== undefined ? first : rest;
}

export function createFormValidator(
  id: string,
  { schema }: FormDescription,
  validators: Validators,
): ValidatorType {
  const known = new Map<string, Validate>();
  for (const [key, validate] of Object.entries(validators)) {
    const [form, pointer = ''] = key.split('#');
    if (form === id) known.set(fingerprint(at(schema, pointer)), validate);
  }
  return {
    isValid(asked, value) {
      const validate = known.get(fingerprint(asked)) ?? known.get(fingerprint(withoutDemand(asked)));
      // Unknown: a shape that RJSF made up itself. It then keeps to the first alternative.
      return validate === undefined ? false : validate(value);
    },
    validateFormData: () => ({ errors: [], errorSchema: {} }),
    rawValidation: () => ({ errors: [] }),
  };
}

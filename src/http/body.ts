/** Reading a request's JSON body, whose shape nobody has judged yet. */
import { Failure } from '../errors/index.js';

export type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** @throws Failure input-invalid naming the field */
export function listOf<T>(value: unknown, name: string): T[] {
  if (Array.isArray(value)) return value as T[];
  throw new Failure('input-invalid', {
    problems: [
      {
        pointer: `/${name}`,
        label: 'common.fields.value.label',
        rule: value === undefined ? 'required' : 'type',
        parameters: { type: 'array' },
      },
    ],
  });
}

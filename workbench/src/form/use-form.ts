/**
 * The state of one form: values, and which problems are shown. A problem shows once its field was left, or once
 * something was attempted that needs the whole form; never while the reader has not been there yet.
 */
import { useCallback, useMemo, useState } from 'react';
import type { FormDescription } from '../server/description.js';
import type { Texts } from '../texts/texts.js';
import { problemsOf, renderProblem, type Validate } from './problems.js';
import { withoutBlanks, type Values } from './values.js';

export interface FormState {
  readonly values: Values;
  /** What is sent: the values without blanks. */
  readonly cleaned: Values;
  /** All problems: pointer → line. */
  readonly problems: ReadonlyMap<string, string>;
  /** Those to show now. */
  readonly shown: ReadonlyMap<string, string>;
  change(values: Values): void;
  /** Changes what is there by then: for answers that come while the reader goes on typing. */
  update(transform: (values: Values) => Values): void;
  touch(pointer: string): void;
  /** Shows every problem from now on; true when there is none. */
  attempt(): boolean;
}

export function useForm(
  { layer }: FormDescription,
  validate: Validate | undefined,
  texts: Texts,
  start: () => Values,
): FormState {
  const [values, setValues] = useState(start);
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const [isAttempted, setAttempted] = useState(false);
  const cleaned = useMemo(() => (withoutBlanks(values) ?? {}) as Values, [values]);
  const problems = useMemo(
    () =>
      new Map(
        (validate === undefined ? [] : problemsOf(validate, cleaned, layer.messages, texts)).map(
          (problem): [string, string] => [problem.pointer, renderProblem(problem, texts)],
        ),
      ),
    [cleaned, layer, texts, validate],
  );
  const shown = useMemo(
    () => new Map([...problems].filter(([pointer]) => isAttempted || touched.has(pointer))),
    [problems, isAttempted, touched],
  );
  const touch = useCallback((pointer: string) => setTouched((before) => new Set([...before, pointer])), []);
  return {
    values,
    cleaned,
    problems,
    shown,
    change: setValues,
    update: setValues,
    touch,
    attempt() {
      setAttempted(true);
      return problems.size === 0;
    },
  };
}

/** Moves the keyboard to the first field with a problem. */
export function focusFirstProblem(formId: string): void {
  // After React has drawn the problems.
  requestAnimationFrame(() => {
    const selector = `[id^="${formId}/"][aria-invalid="true"], [id^="${formId}/"] [aria-invalid="true"]`;
    document.querySelector<HTMLElement>(selector)?.focus();
  });
}

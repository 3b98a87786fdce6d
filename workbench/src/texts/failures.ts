/**
 * A failure in the reader's language, from its code and parameters. The server renders the same with the same texts;
 * doing it here lets what is on the page follow the language switch.
 */
import type { FailureReport } from '../../../src/generated/types.js';
import { renderProblem } from '../form/problems.js';
import type { Texts } from './texts.js';

export interface ReadableFailure {
  readonly title: string;
  readonly cause: string;
  readonly remedy: string;
  readonly actor: string;
  readonly problems: readonly string[];
}

export function renderFailure(failure: FailureReport, texts: Texts): ReadableFailure {
  const part = (name: string): string => texts.text(`failures.${failure.code}.${name}`, failure.parameters);
  return {
    title: part('title'),
    cause: part('cause'),
    remedy: part('remedy'),
    actor: texts.text(`actors.${failure.actor}`),
    problems: (failure.problems ?? []).map((problem) => renderProblem(problem, texts)),
  };
}

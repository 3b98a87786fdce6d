/**
 * Texts for a reader, from locales/. Owns: language choice, parameters, fallback to the default language.
 * Must not: hold a text of its own.
 */
import type { FailureReport, FieldProblem } from '../generated/types.js';
import { loadLocale, loadManifest, type LocaleTree } from './load.js';

export interface Texts {
  /** BCP 47 language that the texts are in. */
  readonly language: string;
  /** The text of a dotted key with {parameters} filled in; undefined when no language has it. */
  find(key: string, parameters?: Readonly<Record<string, string | number | boolean>>): string | undefined;
  /** As find(), but a missing text shows as its key. */
  text(key: string, parameters?: Readonly<Record<string, string | number | boolean>>): string;
}

function lookUp(tree: LocaleTree, key: string): string | undefined {
  let node: string | LocaleTree | undefined = tree;
  for (const segment of key.split('.')) {
    if (node === undefined || typeof node === 'string' || !Object.hasOwn(node, segment)) return undefined;
    node = node[segment];
  }
  return typeof node === 'string' ? node : undefined;
}

/** Languages that the connector speaks, the default one first. */
export function languages(): string[] {
  const { default: first, files } = loadManifest().locales;
  return [first, ...Object.keys(files).filter((language) => language !== first)];
}

/**
 * Texts in the language asked for, or in its base language ("de" for "de-AT"), or in the default one.
 */
export function textsIn(language: string): Texts {
  const { default: fallback, files } = loadManifest().locales;
  const base = language.split('-')[0] ?? fallback;
  const chosen = Object.hasOwn(files, language) ? language : Object.hasOwn(files, base) ? base : fallback;
  const trees = [chosen, fallback].map((name) => loadLocale(files[name] ?? ''));
  const find: Texts['find'] = (key, parameters = {}) => {
    for (const tree of trees) {
      const found = lookUp(tree, key);
      if (found !== undefined) {
        return found.replace(/\{(\w+)\}/gu, (whole, name: string) =>
          Object.hasOwn(parameters, name) ? String(parameters[name]) : whole,
        );
      }
    }
    return undefined;
  };
  return { language: chosen, find, text: (key, parameters) => find(key, parameters) ?? key };
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
}

/** One line about one field: its label, what is wrong, how to mend it. */
export function renderProblem(problem: FieldProblem, texts: Texts): string {
  const label = texts.text(problem.label, { pointer: problem.pointer });
  const parameters = { ...problem.parameters, label, pointer: problem.pointer };
  const wrong = texts.text(`validation.${problem.rule}`, parameters);
  const expected = texts.find(`${problem.label.replace(/\.label$/u, '')}.expected`);
  return expected === undefined || problem.rule === 'unknown' ? wrong : `${wrong} ${expected}`;
}

/** Renders a failure in a language. */
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

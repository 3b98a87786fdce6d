/**
 * Texts for a reader, from locales/. Owns: language choice, parameters, fallback to the default language.
 * Must not: hold a text of its own.
 */
import { loadLocale, loadManifest, type LocaleTree } from './load.js';
import type { TextSource } from './problems.js';

export interface Texts extends TextSource {
  /** BCP 47 language that the texts are in. */
  readonly language: string;
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
  const trees = [chosen, fallback].map(loadLocale);
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

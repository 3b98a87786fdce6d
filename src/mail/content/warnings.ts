/** What an interpreter could not do, said in the record instead of thrown. Owns: the shape and its bounds. */
import type { WarningCode } from '../../generated/types.js';
import { cleanText } from '../mime/charset.js';

export interface ContentWarning {
  readonly code: WarningCode;
  /** The offending value, shortened. */
  readonly detail?: string;
}

const MAX_DETAIL = 200;

/** A code and, where there is one, the offending value, shortened. */
export function saying<Code extends string>(
  code: Code,
  detail?: string | number,
): { readonly code: Code; readonly detail?: string } {
  if (detail === undefined) return { code };
  return { code, detail: cleanText(String(detail).slice(0, MAX_DETAIL)) };
}

/** Warnings of one interpretation: each code with the same detail once, so that a hostile mail cannot swell the record. */
export class Warnings {
  readonly list: ContentWarning[] = [];
  readonly #seen = new Set<string>();

  add(code: WarningCode, detail?: string | number): void {
    const warning = saying(code, detail);
    const key = `${code}\n${warning.detail ?? ''}`;
    if (this.list.length >= MAX_WARNINGS || this.#seen.has(key)) return;
    this.#seen.add(key);
    this.list.push(warning);
  }
}

const MAX_WARNINGS = 50;

/** What the fields of a form need besides their own schema. */
import type { Registry } from '@rjsf/utils';
import type { Folder } from '../../../src/generated/types.js';
import type { Texts } from '../texts/texts.js';

export interface FormContext {
  readonly texts: Texts;
  /** Fields of the form to show, by name; all when absent. */
  readonly fields?: readonly string[] | undefined;
  /** Pointers of fields whose problem is shown: a folded section with one of them unfolds. */
  readonly troubled: ReadonlySet<string>;
  /** Entries of a pick-list with the values that it depends on. @throws CallError */
  list(pickList: string, signal: AbortSignal): Promise<readonly Folder[]>;
  /** Changes whenever list() would answer differently: entries loaded before no longer count. */
  readonly listKey: string;
}

export function contextOf(registry: Registry): FormContext {
  return registry.formContext as FormContext;
}

/** What the server tells about the connector, and the ready-made validators. Owns: these two requests. */
import type { FormLayer, Manifest } from '../../../src/generated/types.js';
import type { Validate } from '../form/problems.js';
import type { TextTree } from '../texts/texts.js';

export interface Schema {
  readonly [keyword: string]: unknown;
}

export interface FormDescription {
  readonly schema: Schema;
  readonly layer: FormLayer;
}

export interface Description {
  readonly manifest: Manifest;
  readonly language: string;
  readonly languages: readonly string[];
  readonly texts: TextTree;
  readonly forms: Readonly<Record<string, FormDescription>>;
  readonly responses: Readonly<Record<string, Schema>>;
  /** Codes of failures that an administrator's commands can remove. */
  readonly setupFailures: readonly string[];
  readonly preset?: {
    readonly connection: unknown;
    readonly activities?: Readonly<Record<string, unknown>>;
    readonly note?: string;
  };
}

export type Validators = Readonly<Record<string, Validate>>;

export async function loadDescription(language: string): Promise<Description> {
  const answer = await fetch(`/api/manifest?lang=${encodeURIComponent(language)}`);
  if (!answer.ok) throw new Error(`/api/manifest: ${answer.status}`);
  return (await answer.json()) as Description;
}

export async function loadValidators(): Promise<Validators> {
  // Not part of the build: the server compiles it from the schemas that it validates with itself.
  const address = '/api/validators.js';
  const module = (await import(/* @vite-ignore */ address)) as { validators: Validators };
  return module.validators;
}

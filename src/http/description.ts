/**
 * Everything a page needs to draw the forms in one language: GET /api/manifest.
 * Owns: the shape of that answer. Must not: hold a text or a field name.
 */
import { STEPS_FOR_FAILURE } from '../admin/index.js';
import type { FormLayer, Manifest } from '../generated/types.js';
import {
  languages,
  loadLocale,
  loadManifest,
  resolveSchema,
  textsIn,
  type JsonSchema,
  type LocaleTree,
} from '../manifest/index.js';
import { listForms } from './forms.js';

/** Values that the page opens with, for example those of the demo tenant. */
export interface Preset {
  readonly connection: unknown;
  /** Activity id → its settings. */
  readonly activities?: Readonly<Record<string, unknown>>;
  /** Shown above the forms. */
  readonly note?: string;
}

export interface Description {
  readonly manifest: Manifest;
  readonly language: string;
  readonly languages: readonly string[];
  /** All texts of the language; where it has none, the default language's. */
  readonly texts: LocaleTree;
  readonly forms: Readonly<Record<string, { readonly schema: JsonSchema; readonly layer: FormLayer }>>;
  /** Activity id → schema of what it delivers. */
  readonly responses: Readonly<Record<string, JsonSchema>>;
  /** Codes of failures that an administrator's commands can remove: what /api/setup takes as `only`. */
  readonly setupFailures: readonly string[];
  readonly preset?: Preset;
}

function merged(below: LocaleTree, above: LocaleTree): LocaleTree {
  const both: Record<string, string | LocaleTree> = { ...below };
  for (const [key, value] of Object.entries(above)) {
    const under = both[key];
    both[key] =
      typeof value === 'string' || under === undefined || typeof under === 'string'
        ? value
        : merged(under, value);
  }
  return both;
}

export function describeConnector(language: string, preset: Preset | undefined): Description {
  const manifest = loadManifest();
  const { default: first } = manifest.locales;
  const { language: chosen } = textsIn(language);
  return {
    manifest,
    language: chosen,
    languages: languages(),
    texts: merged(loadLocale(first), loadLocale(chosen)),
    forms: Object.fromEntries(listForms().map(({ id, schema, layer }) => [id, { schema, layer }])),
    responses: Object.fromEntries(
      manifest.activities.map(({ id, response }) => [id, resolveSchema(response.schema)]),
    ),
    setupFailures: Object.keys(STEPS_FOR_FAILURE),
    ...(preset === undefined ? {} : { preset }),
  };
}

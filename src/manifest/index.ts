/** What other rooms may use of this one. */
export {
  loadFormLayer,
  loadLocale,
  loadManifest,
  loadSample,
  loadSchema,
  packagePath,
  schemaFiles,
  type JsonSchema,
  type LocaleTree,
} from './load.js';
export { resolveSchema } from './schema-refs.js';
export { renderFailure, renderProblem, type ReadableFailure } from './problems.js';
export { languages, textsIn, type Texts } from './texts.js';
export { OWN_KEYWORDS, problemsOf, validated } from './validate.js';

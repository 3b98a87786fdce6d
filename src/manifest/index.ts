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
export {
  languages,
  renderFailure,
  renderProblem,
  textsIn,
  type ReadableFailure,
  type Texts,
} from './texts.js';
export { labelKeyOf, OWN_KEYWORDS, problemsOf, validated } from './validate.js';

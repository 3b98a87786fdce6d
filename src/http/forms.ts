/**
 * The forms of the connector, by id: "connection", "read-email.config", "read-email.request" and so on.
 * Owns: the list, derived from the manifest. Must not: know a form that the manifest does not name.
 */
import type { FormLayer } from '../generated/types.js';
import { loadFormLayer, loadManifest, resolveSchema, type JsonSchema } from '../manifest/index.js';

export interface Form {
  readonly id: string;
  /** The schema's path from the package's root. */
  readonly file: string;
  /** Self-contained: every $ref is resolved. */
  readonly schema: JsonSchema;
  readonly layer: FormLayer;
}

function formOf(id: string, file: string, ui: string | undefined, messages: string): Form {
  const layer = ui === undefined ? { messages, fields: {} } : loadFormLayer(ui);
  return { id, file, schema: resolveSchema(file), layer };
}

/** Id of the form of a connection type. With one type, and no page that offers a choice, it is simply "connection". */
export const CONNECTION_FORM = 'connection';

export function listForms(): Form[] {
  const { connectionTypes, activities } = loadManifest();
  const [type] = connectionTypes;
  return [
    formOf(CONNECTION_FORM, type.schema, type.ui, type.messages),
    ...activities.flatMap(({ id, messages, config, request }) => [
      formOf(`${id}.config`, config.schema, config.ui, `${messages}.config`),
      formOf(`${id}.request`, request.schema, request.ui, `${messages}.request`),
    ]),
  ];
}

/**
 * Draws one form from its schema, layer and texts. Owns: the wiring of RJSF to our templates and problems.
 * Must not: name a field of any form.
 */
import { withTheme } from '@rjsf/core';
import { Theme } from '@rjsf/mui';
import type { ErrorSchema, RJSFSchema, ValidatorType } from '@rjsf/utils';
import { useMemo } from 'react';
import type { FormDescription } from '../server/description.js';
import { useTexts } from '../texts/context.js';
import { FieldTemplate } from './FieldTemplate.js';
import { FilesField } from './FilesField.js';
import type { FormContext } from './form-context.js';
import { AlternativesTemplate, ArrayItem, ArrayTemplate, ObjectTemplate } from './GroupTemplates.js';
import { BaseInput, BytesInput, CheckboxInput, RadioChoice, TextArea } from './inputs.js';
import { JsonField } from './JsonField.js';
import { PickListInput } from './PickListInput.js';
import { SecretFileInput } from './SecretFileInput.js';
import { jsonAsWhole, listsAsLists, uiSchemaOf } from './ui-schema.js';
import type { FormState } from './use-form.js';
import type { Values } from './values.js';

const ThemedForm = withTheme({
  ...Theme,
  fields: { ...Theme.fields, files: FilesField, json: JsonField },
  widgets: {
    ...Theme.widgets,
    bytes: BytesInput,
    pickList: PickListInput,
    secretFile: SecretFileInput,
    RadioWidget: RadioChoice,
    CheckboxWidget: CheckboxInput,
    TextareaWidget: TextArea,
  },
  templates: {
    ...Theme.templates,
    BaseInputTemplate: BaseInput,
    FieldTemplate,
    ObjectFieldTemplate: ObjectTemplate,
    ArrayFieldTemplate: ArrayTemplate,
    ArrayFieldItemTemplate: ArrayItem,
    MultiSchemaFieldTemplate: AlternativesTemplate,
  },
});

export interface ConnectorFormProps {
  /** Prefix of the ids in the page; each form of a page has its own. */
  readonly id: string;
  readonly form: FormDescription;
  readonly validator: ValidatorType;
  readonly state: FormState;
  /** Fields to show; all when absent. */
  readonly fields?: readonly string[];
  readonly list: FormContext['list'];
  readonly listKey: string;
}

/** Problems by pointer as the tree that RJSF hands to its fields. */
function errorTree(lines: ReadonlyMap<string, string>): ErrorSchema {
  const tree: Record<string, unknown> = {};
  for (const [pointer, line] of lines) {
    let node = tree;
    for (const segment of pointer.split('/').slice(1)) {
      node = (node[segment] ??= {}) as Record<string, unknown>;
    }
    node['__errors'] = [line];
  }
  return tree as ErrorSchema;
}

export function ConnectorForm({ id, form, validator, state, fields, list, listKey }: ConnectorFormProps) {
  const texts = useTexts();
  const uiSchema = useMemo(() => uiSchemaOf(form.schema, form.layer, texts), [form, texts]);
  const schema = useMemo(() => listsAsLists(jsonAsWhole(form.schema, form.layer)) as RJSFSchema, [form]);
  const extraErrors = useMemo(() => errorTree(state.shown), [state.shown]);
  const context: FormContext = {
    texts,
    fields,
    troubled: new Set(state.shown.keys()),
    list,
    listKey,
  };
  return (
    <ThemedForm
      tagName="div"
      idPrefix={id}
      idSeparator="/"
      schema={schema}
      uiSchema={uiSchema}
      validator={validator}
      formData={state.values}
      formContext={context}
      noValidate
      showErrorList={false}
      extraErrors={extraErrors}
      experimental_defaultFormStateBehavior={{ emptyObjectFields: 'skipEmptyDefaults' }}
      onChange={({ formData }) => state.change((formData ?? {}) as Values)}
      onBlur={(field) => state.touch(field.slice(id.length))}
    >
      <></>
    </ThemedForm>
  );
}

/**
 * Turns the connector's form layer and texts into RJSF's dialect. Owns: that translation, the only place that knows
 * both. Must not: name a field of any form.
 */
import type { UiSchema } from '@rjsf/utils';
import type { FormLayer } from '../../../src/generated/types.js';
import type { Schema } from '../server/description.js';
import type { Texts } from '../texts/texts.js';
import { fieldKeyOf } from './problems.js';

const WIDGETS: Readonly<Record<string, UiSchema>> = {
  choice: { 'ui:widget': 'radio' },
  'text-area': { 'ui:widget': 'textarea', 'ui:rows': 6 },
  file: { 'ui:field': 'files' },
  bytes: { 'ui:widget': 'bytes' },
  json: { 'ui:field': 'json' },
  hidden: { 'ui:widget': 'hidden' },
};

/** A secret that may be longer than this, in characters, is no word that a person types: it is the content of a file. */
const LONGEST_TYPED_SECRET = 8192;

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function discriminatorValues(branches: readonly Schema[], property: string): string[] {
  return branches.map((branch) => {
    const properties = branch['properties'] as Readonly<Record<string, Schema>> | undefined;
    return String(properties?.[property]?.['const'] ?? '');
  });
}

/** What may be a list or a text in one is a list here: the form has a place for each entry. */
export function listsAsLists(node: Schema): Schema {
  const entries = Object.entries(node).map(([key, value]): [string, unknown] => {
    if (key === 'type' && Array.isArray(value) && value.includes('array')) return [key, 'array'];
    return [key, isSchema(value) ? listsAsLists(value) : value];
  });
  return Object.fromEntries(entries);
}

const ANY_OBJECT: Schema = { type: 'object', additionalProperties: true };

/** What is written as JSON is one value to the form: RJSF would fill in defaults of the fields within. */
export function jsonAsWhole(schema: Schema, { fields }: FormLayer): Schema {
  const { properties } = schema;
  if (!isSchema(properties)) return schema;
  const entries = Object.entries(properties).map(([name, property]): [string, unknown] => [
    name,
    fields[`/${name}`]?.widget === 'json' ? ANY_OBJECT : property,
  ]);
  return { ...schema, properties: Object.fromEntries(entries) };
}

export function uiSchemaOf(schema: Schema, layer: FormLayer, texts: Texts): UiSchema {
  const { messages, fields } = layer;

  const textsOf = (pointer: string): UiSchema => {
    const key = fieldKeyOf(messages, pointer, texts);
    const help = texts.find(`${key}.help`);
    const placeholder = texts.find(`${key}.placeholder`);
    return {
      'ui:title': texts.text(`${key}.label`),
      // The schema's own description is for developers and in English only.
      'ui:description': '',
      ...(help === undefined ? {} : { 'ui:help': help }),
      ...(placeholder === undefined ? {} : { 'ui:placeholder': placeholder }),
    };
  };

  const optionNames = (pointer: string, values: readonly unknown[]): string[] => {
    const key = fieldKeyOf(messages, pointer, texts);
    return values.map((value) => texts.find(`${key}.options.${String(value)}`) ?? String(value));
  };

  const widgetOf = (pointer: string): UiSchema => {
    const field = fields[pointer];
    if (field?.widget === 'pick-list') {
      return { 'ui:widget': 'pickList', 'ui:options': { pickList: field.pickList ?? '' } };
    }
    return field?.widget === undefined ? {} : (WIDGETS[field.widget] ?? {});
  };

  const visit = (node: Schema, pointer: string): UiSchema => {
    const own: UiSchema = pointer === '' ? { 'ui:title': '', 'ui:description': '' } : textsOf(pointer);
    const result: UiSchema = { ...own, ...widgetOf(pointer) };
    if (fields[pointer]?.tier === 'advanced') {
      result['ui:options'] = { ...(result['ui:options'] as object | undefined), tier: 'advanced' };
    }
    if (Array.isArray(node['enum'])) result['ui:enumNames'] = optionNames(pointer, node['enum']);
    if (node['format'] === 'password' && result['ui:widget'] !== 'hidden') {
      result['ui:widget'] = Number(node['maxLength'] ?? 0) > LONGEST_TYPED_SECRET ? 'secretFile' : 'password';
    }
    for (const [name, child] of Object.entries((node['properties'] as object | undefined) ?? {})) {
      if (isSchema(child)) result[name] = visit(child, `${pointer}/${name}`);
    }
    if (isSchema(node['items'])) result['items'] = visit(node['items'], pointer);
    if (Array.isArray(node['oneOf'])) {
      const branches = node['oneOf'].filter(isSchema);
      const { propertyName } = (node['discriminator'] as { propertyName?: string } | undefined) ?? {};
      const values = propertyName === undefined ? [] : discriminatorValues(branches, propertyName);
      const names = optionNames(pointer, values);
      result['oneOf'] = branches.map((branch, index) => ({
        ...visit(branch, pointer),
        'ui:title': names[index] ?? '',
        'ui:help': '',
        'ui:widget': undefined,
        'ui:options': { alternative: true },
      }));
      // What the form says about each choice; keyed as the manifest keys the methods of a connection type.
      const remarks = values.map((value) => ({
        description: texts.find(`${messages}.methods.${value}.description`),
        warning: texts.find(`${messages}.methods.${value}.warning`),
      }));
      result['ui:options'] = { ...(result['ui:options'] as object | undefined), remarks };
    }
    return result;
  };
  return visit(schema, '');
}

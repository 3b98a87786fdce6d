/** Groups of fields: the form itself, nested objects, lists, and alternatives to choose from. */
import Add from '@mui/icons-material/Add';
import Close from '@mui/icons-material/Close';
import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import IconButton from '@mui/material/IconButton';
import Stack from '@mui/material/Stack';
import Typography from '@mui/material/Typography';
import {
  getUiOptions,
  type ArrayFieldItemTemplateProps,
  type ArrayFieldTemplateProps,
  type MultiSchemaFieldTemplateProps,
  type ObjectFieldTemplateProps,
  type RJSFSchema,
} from '@rjsf/utils';
import type { ReactElement, ReactNode } from 'react';
import { FIELD_GAP, FoldedStack } from './FoldedStack.js';
import { Help, labelIdOf, Problem } from './FieldTemplate.js';
import { contextOf } from './form-context.js';
import type { Remark } from './inputs.js';

function Group(props: {
  id: string;
  title: ReactNode;
  help: unknown;
  optional?: boolean;
  children: ReactNode;
  note?: string;
}) {
  const { id, title, help, children, note } = props;
  return (
    <Box component="fieldset" sx={{ border: 0, p: 0, m: 0, minWidth: 0 }} aria-labelledby={labelIdOf(id)}>
      <Typography component="div" id={labelIdOf(id)} sx={{ fontWeight: 600, mb: 0.25 }}>
        {title}
        {note !== undefined && (
          <Typography component="span" color="text.secondary">
            {` ${note}`}
          </Typography>
        )}
      </Typography>
      <Help id={id} text={help} />
      {children}
    </Box>
  );
}

/** A few short texts fit beside each other. */
function isShort(schema: RJSFSchema): boolean {
  const properties = Object.values(schema.properties ?? {});
  return (
    properties.length <= 3 &&
    properties.every((property) => typeof property === 'object' && property.type === 'string')
  );
}

export function ObjectTemplate(props: ObjectFieldTemplateProps) {
  const { fieldPathId, properties, schema, uiSchema, registry, title, required, rawErrors } =
    props as ObjectFieldTemplateProps & { rawErrors?: string[] };
  const context = contextOf(registry);
  const id = fieldPathId.$id;
  const visible = properties.filter(({ hidden }) => !hidden);
  if (fieldPathId.path.length === 0) {
    const { fields } = context;
    return <FoldedStack {...props} shown={visible.filter(({ name }) => fields?.includes(name) ?? true)} />;
  }
  if (properties.length === 0) return null;
  const isAlternative = getUiOptions(uiSchema)['alternative'] === true;
  if (isAlternative) return <FoldedStack {...props} shown={visible} />;
  const row = isShort(schema);
  const body = (
    <Box
      sx={{
        display: 'grid',
        gap: row ? 1.5 : FIELD_GAP,
        gridTemplateColumns: row ? { xs: '1fr', sm: `repeat(${properties.length}, minmax(0, 1fr))` } : '1fr',
      }}
    >
      {visible.map(({ name, content }) => (
        <Box key={name}>{content}</Box>
      ))}
    </Box>
  );
  const isInList = typeof fieldPathId.path.at(-1) === 'number';
  if (isInList) return body;
  return (
    <Group
      id={id}
      title={title}
      help={uiSchema?.['ui:help']}
      {...(required === true ? {} : { note: context.texts.own('form.optional') })}
    >
      {body}
      <Problem id={id} lines={rawErrors} />
    </Group>
  );
}

export function ArrayTemplate(props: ArrayFieldTemplateProps) {
  const { fieldPathId, items, canAdd, onAddClick, title, uiSchema, registry, required, rawErrors } = props;
  const { texts } = contextOf(registry);
  const id = fieldPathId.$id;
  const name = getUiOptions(uiSchema).title ?? title;
  return (
    <Group
      id={id}
      title={name}
      help={uiSchema?.['ui:help']}
      {...(required === true ? {} : { note: texts.own('form.optional') })}
    >
      <Stack spacing={1.5} sx={{ mt: 0.5 }}>
        {items}
        {canAdd === true && (
          <div>
            <Button id={id} size="small" variant="outlined" startIcon={<Add />} onClick={onAddClick}>
              {texts.own('form.add')}
              <span className="visually-hidden">{` ${name}`}</span>
            </Button>
          </div>
        )}
      </Stack>
      <Problem id={id} lines={rawErrors} />
    </Group>
  );
}

export function ArrayItem({
  children,
  buttonsProps,
  index,
  registry,
  parentUiSchema,
  schema,
}: ArrayFieldItemTemplateProps) {
  const { texts } = contextOf(registry);
  const label = String(parentUiSchema?.['ui:title'] ?? '');
  // Beside the input, wherever a problem below it may end; the inputs of an object have a label above them.
  const top = schema.type === 'object' ? 3.25 : 0.25;
  return (
    <Stack direction="row" spacing={1} sx={{ alignItems: 'flex-start' }}>
      <Box sx={{ flex: 1, minWidth: 0 }}>{children}</Box>
      {buttonsProps.hasRemove && (
        <IconButton
          aria-label={texts.own('form.remove', { label: `${label} ${index + 1}` })}
          onClick={buttonsProps.onRemoveItem}
          sx={{ mt: top }}
        >
          <Close fontSize="small" />
        </IconButton>
      )}
    </Stack>
  );
}

export function AlternativesTemplate(props: MultiSchemaFieldTemplateProps) {
  const { selector, optionSchemaField, uiSchema } = props;
  const { props: chosen } = selector as ReactElement<{ id: string; value?: number; label: string }>;
  const remarks = (getUiOptions(uiSchema)['remarks'] ?? []) as readonly Remark[];
  const { warning } = remarks[chosen.value ?? -1] ?? {};
  return (
    <Stack spacing={FIELD_GAP}>
      <Group id={chosen.id} title={chosen.label} help={uiSchema?.['ui:help']}>
        {selector}
        {warning !== undefined && (
          <Alert severity="warning" sx={{ mt: 1.5 }}>
            {warning}
          </Alert>
        )}
      </Group>
      {optionSchemaField}
    </Stack>
  );
}

/** One field: label, help, input, problem, in this order for every kind of input. */
import Box from '@mui/material/Box';
import FormHelperText from '@mui/material/FormHelperText';
import Typography from '@mui/material/Typography';
import type { FieldTemplateProps } from '@rjsf/utils';
import { contextOf } from './form-context.js';

export const labelIdOf = (id: string): string => `${id}__label`;
export const helpIdOf = (id: string): string => `${id}__help`;
export const errorIdOf = (id: string): string => `${id}__error`;

/** The ids that describe an input: its help and, if there is one, its problem. */
export function describedBy(
  id: string,
  help: unknown,
  errors: readonly string[] | undefined,
): string | undefined {
  const ids = [
    ...(errors !== undefined && errors.length > 0 ? [errorIdOf(id)] : []),
    ...(typeof help === 'string' && help !== '' ? [helpIdOf(id)] : []),
  ];
  return ids.length === 0 ? undefined : ids.join(' ');
}

export function Help({ id, text }: { readonly id: string; readonly text: unknown }) {
  if (typeof text !== 'string' || text === '') return null;
  return (
    <Typography id={helpIdOf(id)} variant="body2" color="text.secondary" sx={{ mb: 0.75 }}>
      {text}
    </Typography>
  );
}

export function Problem({
  id,
  lines,
}: {
  readonly id: string;
  readonly lines: readonly string[] | undefined;
}) {
  if (lines === undefined || lines.length === 0) return null;
  return (
    <FormHelperText error id={errorIdOf(id)} sx={{ mx: 0, mt: 0.75, fontSize: '0.875rem' }}>
      {lines.join(' ')}
    </FormHelperText>
  );
}

export function FieldTemplate(props: FieldTemplateProps) {
  const { id, label, children, hidden, required, rawErrors, schema, uiSchema, registry, displayLabel } =
    props;
  if (hidden === true) return <Box hidden>{children}</Box>;
  const { texts } = contextOf(registry);
  // A group names itself (see GroupTemplates), and so does a checkbox.
  const isGroup = schema.type === 'object' || schema.type === 'array' || schema.oneOf !== undefined;
  const isInList = /\/\d+$/u.test(id);
  // What has a default is never empty: to call it optional would only raise a question.
  const isOptional = required !== true && schema.default === undefined;
  const named = displayLabel === true && !isGroup && !isInList;
  return (
    <Box>
      {named && (
        <Typography
          component="label"
          id={labelIdOf(id)}
          htmlFor={id}
          sx={{ display: 'block', fontWeight: 600, mb: 0.25 }}
        >
          {label}
          {isOptional && (
            <Typography component="span" color="text.secondary" sx={{ fontWeight: 400 }}>
              {` ${texts.own('form.optional')}`}
            </Typography>
          )}
        </Typography>
      )}
      {named && <Help id={id} text={uiSchema?.['ui:help']} />}
      {children}
      {!isGroup && <Problem id={id} lines={rawErrors} />}
    </Box>
  );
}

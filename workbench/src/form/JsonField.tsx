/** An object of any shape, written as JSON. Must not: judge it; what is no JSON stays a text, which the schema refuses. */
import Box from '@mui/material/Box';
import OutlinedInput from '@mui/material/OutlinedInput';
import Typography from '@mui/material/Typography';
import type { ErrorSchema, FieldProps } from '@rjsf/utils';
import { useState } from 'react';
import { describedBy, Help, labelIdOf, Problem } from './FieldTemplate.js';
import { contextOf } from './form-context.js';

const written = (value: unknown): string =>
  value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value, undefined, 2);

function meant(text: string): unknown {
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** Of whatever is in the value: there is no other place to show them. */
function linesIn(errors: ErrorSchema | undefined): string[] {
  const { __errors: own = [], ...inner } = (errors ?? {}) as { __errors?: string[] };
  return [...own, ...Object.values(inner as Record<string, ErrorSchema>).flatMap(linesIn)];
}

export function JsonField(props: FieldProps) {
  const { fieldPathId, formData, onChange, onBlur, registry, uiSchema, rawErrors = [], errorSchema } = props;
  const lines = [...rawErrors, ...linesIn(errorSchema)];
  const { texts } = contextOf(registry);
  const id = fieldPathId.$id;
  const [text, setText] = useState(() => written(formData));
  const help = uiSchema?.['ui:help'];
  return (
    <Box role="group" aria-labelledby={labelIdOf(id)}>
      <Typography component="label" htmlFor={id} id={labelIdOf(id)} sx={{ fontWeight: 600, mb: 0.25 }}>
        {String(uiSchema?.['ui:title'] ?? '')}
        <Typography component="span" color="text.secondary">{` ${texts.own('form.optional')}`}</Typography>
      </Typography>
      <Help id={id} text={help} />
      <OutlinedInput
        id={id}
        size="small"
        fullWidth
        multiline
        minRows={3}
        maxRows={18}
        value={text}
        error={lines.length > 0}
        onChange={({ target }) => {
          setText(target.value);
          onChange(meant(target.value), fieldPathId.path);
        }}
        onBlur={({ target }) => onBlur(id, meant(target.value))}
        inputProps={{
          'aria-describedby': describedBy(id, help, lines),
          spellCheck: false,
          style: { fontFamily: 'monospace' },
        }}
      />
      <Problem id={id} lines={lines} />
    </Box>
  );
}

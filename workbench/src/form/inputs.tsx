/** Inputs for single values. Owns: how each looks and what it tells a screen reader. Must not: know any field. */
import Visibility from '@mui/icons-material/Visibility';
import VisibilityOff from '@mui/icons-material/VisibilityOff';
import Warning from '@mui/icons-material/Warning';
import Box from '@mui/material/Box';
import Checkbox from '@mui/material/Checkbox';
import FormControlLabel from '@mui/material/FormControlLabel';
import IconButton from '@mui/material/IconButton';
import InputAdornment from '@mui/material/InputAdornment';
import OutlinedInput from '@mui/material/OutlinedInput';
import Radio from '@mui/material/Radio';
import RadioGroup from '@mui/material/RadioGroup';
import Typography from '@mui/material/Typography';
import { getInputProps, type BaseInputTemplateProps, type WidgetProps } from '@rjsf/utils';
import { useState } from 'react';
import { describedBy, Help, labelIdOf } from './FieldTemplate.js';
import { contextOf } from './form-context.js';

export function BaseInput(props: BaseInputTemplateProps) {
  const { id, value, required, disabled, placeholder, options, schema, type, rawErrors, registry, uiSchema } =
    props;
  const { onChange, onChangeOverride, onBlur, onFocus, label, endAdornment } = props;
  const { texts } = contextOf(registry);
  const [isShown, setShown] = useState(false);
  const { type: inputType, step, min, max } = getInputProps(schema, type, options);
  const isSecret = inputType === 'password';
  const isInList = /\/\d+$/u.test(id);
  return (
    <OutlinedInput
      id={id}
      size="small"
      fullWidth
      type={isSecret && isShown ? 'text' : inputType}
      value={(value as string | number | undefined) ?? ''}
      disabled={disabled === true}
      error={(rawErrors?.length ?? 0) > 0}
      placeholder={placeholder}
      onChange={
        onChangeOverride ??
        (({ target }) => onChange(target.value === '' ? options.emptyValue : target.value))
      }
      onBlur={({ target }) => onBlur(id, target.value)}
      onFocus={({ target }) => onFocus(id, target.value)}
      inputProps={{
        step,
        min,
        max,
        'aria-required': required === true,
        'aria-describedby': describedBy(id, uiSchema?.['ui:help'], rawErrors),
        ...(isInList ? { 'aria-label': label } : {}),
        // A password manager would offer the reader's own password for the page, which is never what is asked for.
        autoComplete: isSecret ? 'new-password' : 'off',
        autoCapitalize: 'off',
        spellCheck: false,
      }}
      endAdornment={
        isSecret ? (
          <InputAdornment position="end">
            <IconButton
              edge="end"
              aria-label={texts.own(isShown ? 'form.hide' : 'form.show', { label })}
              aria-pressed={isShown}
              onClick={() => setShown(!isShown)}
            >
              {isShown ? <VisibilityOff fontSize="small" /> : <Visibility fontSize="small" />}
            </IconButton>
          </InputAdornment>
        ) : (
          (endAdornment as React.ReactNode)
        )
      }
    />
  );
}

export function TextArea(props: WidgetProps) {
  const { id, value, required, options, rawErrors, placeholder, uiSchema, onChange, onBlur, onFocus } = props;
  return (
    <OutlinedInput
      id={id}
      size="small"
      fullWidth
      multiline
      minRows={Number(options.rows ?? 5)}
      maxRows={18}
      value={(value as string | undefined) ?? ''}
      placeholder={placeholder}
      error={(rawErrors?.length ?? 0) > 0}
      onChange={({ target }) => onChange(target.value === '' ? options.emptyValue : target.value)}
      onBlur={({ target }) => onBlur(id, target.value)}
      onFocus={({ target }) => onFocus(id, target.value)}
      inputProps={{
        'aria-required': required === true,
        'aria-describedby': describedBy(id, uiSchema?.['ui:help'], rawErrors),
      }}
    />
  );
}

/** A number of bytes, with the same in words beside it. */
export function BytesInput(props: WidgetProps) {
  const { texts } = contextOf(props.registry);
  const { BaseInputTemplate } = props.registry.templates;
  const { value, options, onChange } = props;
  return (
    <BaseInputTemplate
      {...props}
      type="number"
      onChangeOverride={({ target }: React.ChangeEvent<HTMLInputElement>) =>
        onChange(target.value === '' ? options.emptyValue : Number(target.value))
      }
      endAdornment={
        typeof value === 'number' ? (
          <InputAdornment position="end">{texts.size(value)}</InputAdornment>
        ) : undefined
      }
    />
  );
}

/** What is said about an alternative. */
export interface Remark {
  readonly description?: string;
  readonly warning?: string;
}

export function RadioChoice(props: WidgetProps) {
  const { id, value, required, options, rawErrors, uiSchema, onChange, onBlur } = props;
  const entries = options.enumOptions ?? [];
  const remarks = (options['remarks'] ?? []) as readonly Remark[];
  return (
    <RadioGroup
      id={id}
      aria-labelledby={labelIdOf(id)}
      aria-describedby={describedBy(id, uiSchema?.['ui:help'], rawErrors)}
      aria-required={required === true}
      value={entries.findIndex((entry) => entry.value === value)}
      onChange={(_event, index) => onChange(entries[Number(index)]?.value)}
      onBlur={() => onBlur(id, value)}
    >
      {entries.map((entry, index) => {
        const { description, warning } = remarks[index] ?? {};
        const remarkId = `${id}-${index}-remark`;
        return (
          <Box key={entry.label} sx={description === undefined ? {} : { py: 0.25 }}>
            <FormControlLabel
              value={index}
              label={
                <>
                  {entry.label}
                  {warning !== undefined && (
                    <Warning
                      color="warning"
                      aria-hidden
                      sx={{ fontSize: 18, ml: 0.75, verticalAlign: '-3px' }}
                    />
                  )}
                </>
              }
              control={
                <Radio
                  size="small"
                  sx={{ py: 0.5 }}
                  {...(description === undefined
                    ? {}
                    : { slotProps: { input: { 'aria-describedby': remarkId } } })}
                />
              }
            />
            {description !== undefined && (
              <Typography id={remarkId} variant="body2" color="text.secondary" sx={{ pl: 3.5 }}>
                {description}
              </Typography>
            )}
          </Box>
        );
      })}
    </RadioGroup>
  );
}

export function CheckboxInput(props: WidgetProps) {
  const { id, value, label, rawErrors, uiSchema, onChange, onBlur } = props;
  const help: unknown = uiSchema?.['ui:help'];
  return (
    <div>
      <FormControlLabel
        label={label}
        slotProps={{ typography: { sx: { fontWeight: 600 } } }}
        control={
          <Checkbox
            id={id}
            size="small"
            sx={{ py: 0.25 }}
            checked={value === true}
            onChange={(_event, checked) => onChange(checked)}
            onBlur={() => onBlur(id, value)}
            slotProps={{ input: { 'aria-describedby': describedBy(id, help, rawErrors) } }}
          />
        }
      />
      <Help id={id} text={help} />
    </div>
  );
}

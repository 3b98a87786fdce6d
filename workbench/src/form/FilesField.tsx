/** A list of files: each becomes { name, contentType, content: { inline } }. Must not: send or keep them elsewhere. */
import AttachFile from '@mui/icons-material/AttachFile';
import Close from '@mui/icons-material/Close';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import IconButton from '@mui/material/IconButton';
import Stack from '@mui/material/Stack';
import Typography from '@mui/material/Typography';
import type { FieldProps } from '@rjsf/utils';
import { useRef } from 'react';
import { Help, labelIdOf, Problem } from './FieldTemplate.js';
import { contextOf } from './form-context.js';

interface FileValue {
  readonly name: string;
  readonly contentType?: string;
  readonly content: { readonly inline: string };
}

function readBase64(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/u, ''));
    reader.onerror = () => reject(reader.error ?? new Error(file.name));
    reader.readAsDataURL(file);
  });
}

async function toValue(file: File): Promise<FileValue> {
  return {
    name: file.name,
    ...(file.type === '' ? {} : { contentType: file.type }),
    content: { inline: await readBase64(file) },
  };
}

const bytesIn = (base64: string): number => (base64.length * 3) / 4 - (base64.match(/=+$/u)?.[0].length ?? 0);

export function FilesField(props: FieldProps) {
  const { fieldPathId, formData, onChange, onBlur, registry, uiSchema, rawErrors, errorSchema } = props;
  const { texts } = contextOf(registry);
  const picker = useRef<HTMLInputElement>(null);
  const id = fieldPathId.$id;
  const files = (formData ?? []) as readonly FileValue[];
  const label = String(uiSchema?.['ui:title'] ?? '');
  const set = (next: readonly FileValue[]): void => {
    onChange(next.length === 0 ? undefined : next, fieldPathId.path);
    onBlur(id, next);
  };
  const add = async (chosen: FileList | null): Promise<void> => {
    const added = await Promise.all([...(chosen ?? [])].map(toValue));
    if (picker.current !== null) picker.current.value = '';
    if (added.length > 0) set([...files, ...added]);
  };
  const linesOf = (index: number): string[] =>
    Object.values(
      (errorSchema as Record<string, Record<string, { __errors?: string[] }>> | undefined)?.[index] ?? {},
    ).flatMap((field) => field.__errors ?? []);
  return (
    <Box role="group" aria-labelledby={labelIdOf(id)}>
      <Typography component="div" id={labelIdOf(id)} sx={{ fontWeight: 600, mb: 0.25 }}>
        {label}
        <Typography component="span" color="text.secondary">{` ${texts.own('form.optional')}`}</Typography>
      </Typography>
      <Help id={id} text={uiSchema?.['ui:help']} />
      <Stack spacing={1} sx={{ mt: 0.5 }}>
        {files.map(({ name, contentType, content }, index) => (
          <div key={`${index}-${name}`}>
            <Stack direction="row" spacing={1} sx={{ alignItems: 'center' }}>
              <AttachFile fontSize="small" color="action" />
              <Typography sx={{ flex: 1, minWidth: 0, overflowWrap: 'anywhere' }}>
                {name}
                <Typography component="span" variant="body2" color="text.secondary">
                  {` ${[contentType, texts.size(bytesIn(content.inline))].filter(Boolean).join(', ')}`}
                </Typography>
              </Typography>
              <IconButton
                aria-label={texts.own('form.remove', { label: name })}
                onClick={() => set(files.filter((_file, other) => other !== index))}
              >
                <Close fontSize="small" />
              </IconButton>
            </Stack>
            <Problem id={`${id}/${index}`} lines={linesOf(index)} />
          </div>
        ))}
        <div>
          <Button
            id={id}
            size="small"
            variant="outlined"
            startIcon={<AttachFile />}
            onClick={() => picker.current?.click()}
          >
            {texts.own('form.addFiles')}
          </Button>
          <input
            ref={picker}
            type="file"
            multiple
            hidden
            aria-label={label}
            onChange={({ target }) => void add(target.files)}
          />
        </div>
      </Stack>
      <Problem id={id} lines={rawErrors} />
    </Box>
  );
}

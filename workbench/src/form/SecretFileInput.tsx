/**
 * A secret that is a file's content: pasted, or chosen as a file. Once it is there it is not shown again, only what it
 * is. Must not: send or keep it elsewhere.
 */
import Key from '@mui/icons-material/Key';
import UploadFile from '@mui/icons-material/UploadFile';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import OutlinedInput from '@mui/material/OutlinedInput';
import Stack from '@mui/material/Stack';
import Typography from '@mui/material/Typography';
import type { WidgetProps } from '@rjsf/utils';
import { useRef, useState } from 'react';
import { describedBy, helpIdOf } from './FieldTemplate.js';
import { contextOf } from './form-context.js';
import { contentOf, kindOf } from './secret-file.js';

const ENDINGS = '.pem,.pfx,.p12,.crt,.cer,.key';

export function SecretFileInput(props: WidgetProps) {
  const { id, label, value, required, rawErrors, registry, uiSchema, onChange, onBlur } = props;
  const { texts } = contextOf(registry);
  const picker = useRef<HTMLInputElement>(null);
  const [draft, setDraft] = useState('');
  const content = typeof value === 'string' ? value : '';
  const take = (next: string): void => {
    setDraft('');
    onChange(next.trim() === '' ? undefined : next.trim());
    onBlur(id, next);
  };
  const pick = async (chosen: FileList | null): Promise<void> => {
    const files = [...(chosen ?? [])];
    if (files.length > 0) take(await contentOf(files));
    if (picker.current !== null) picker.current.value = '';
  };
  const kind = kindOf(content);
  const isComplete = kind === 'pem' || kind === 'pfx';
  return (
    <Box>
      {content === '' ? (
        <OutlinedInput
          id={id}
          size="small"
          fullWidth
          multiline
          rows={3}
          value={draft}
          error={(rawErrors?.length ?? 0) > 0}
          placeholder="-----BEGIN CERTIFICATE-----"
          onChange={({ target }) => setDraft(target.value)}
          onPaste={(event) => {
            const pasted = event.clipboardData.getData('text');
            if (draft !== '' || pasted.trim() === '') return;
            event.preventDefault();
            take(pasted);
          }}
          onBlur={() => take(draft)}
          sx={{ fontFamily: 'monospace', fontSize: '0.8125rem' }}
          inputProps={{
            'aria-required': required === true,
            'aria-describedby': describedBy(id, uiSchema?.['ui:help'], rawErrors),
            autoComplete: 'off',
            autoCapitalize: 'off',
            spellCheck: false,
          }}
        />
      ) : (
        <Stack direction="row" spacing={1} sx={{ alignItems: 'flex-start' }} role="status">
          <Key fontSize="small" color={isComplete ? 'success' : 'warning'} sx={{ mt: '2px' }} aria-hidden />
          <Typography sx={{ color: isComplete ? 'text.primary' : 'warning.main' }}>
            {texts.own(`secretFile.kinds.${kind}`)}
          </Typography>
        </Stack>
      )}
      <Stack direction="row" spacing={1} sx={{ mt: 1, flexWrap: 'wrap', rowGap: 1 }}>
        <Button
          size="small"
          variant="outlined"
          startIcon={<UploadFile />}
          aria-describedby={helpIdOf(id)}
          onClick={() => picker.current?.click()}
        >
          {texts.own(content === '' ? 'secretFile.choose' : 'secretFile.replace')}
          <span className="visually-hidden">{` ${label}`}</span>
        </Button>
        {content !== '' && (
          <Button size="small" color="inherit" onClick={() => take('')}>
            {texts.own('form.remove', { label })}
          </Button>
        )}
      </Stack>
      <input
        ref={picker}
        type="file"
        multiple
        hidden
        accept={ENDINGS}
        data-file-for={id}
        aria-label={texts.own('secretFile.choose')}
        onChange={({ target }) => void pick(target.files)}
      />
    </Box>
  );
}

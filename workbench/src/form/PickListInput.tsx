/**
 * A text field that offers a pick-list of the mailbox. Typing stays possible: the list needs a working connection,
 * the value does not.
 */
import Refresh from '@mui/icons-material/Refresh';
import Autocomplete from '@mui/material/Autocomplete';
import Box from '@mui/material/Box';
import CircularProgress from '@mui/material/CircularProgress';
import IconButton from '@mui/material/IconButton';
import Stack from '@mui/material/Stack';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import type { WidgetProps } from '@rjsf/utils';
import { useEffect, useRef, useState } from 'react';
import type { Folder } from '../../../src/generated/types.js';
import { FailureNotice } from '../page/FailureNotice.js';
import { CallError } from '../server/calls.js';
import { describedBy } from './FieldTemplate.js';
import { contextOf } from './form-context.js';

type Loaded =
  | { readonly state: 'idle' | 'loading' }
  | { readonly state: 'there'; readonly entries: readonly Folder[] }
  | { readonly state: 'failed'; readonly error: CallError };

export function PickListInput(props: WidgetProps) {
  const { id, value, label, required, rawErrors, uiSchema, options, registry, onChange, onBlur, onFocus } =
    props;
  const { texts, list, listKey } = contextOf(registry);
  const pickList = String(options['pickList'] ?? '');
  const [loaded, setLoaded] = useState<Loaded>({ state: 'idle' });
  const running = useRef<AbortController>(undefined);

  // Other settings mean another list: what was loaded before is forgotten, and loaded again when it is asked for.
  useEffect(() => {
    setLoaded({ state: 'idle' });
    return () => running.current?.abort();
  }, [listKey]);

  const load = async (): Promise<void> => {
    running.current?.abort();
    const controller = new AbortController();
    running.current = controller;
    setLoaded({ state: 'loading' });
    try {
      setLoaded({ state: 'there', entries: await list(pickList, controller.signal) });
    } catch (error) {
      if (!controller.signal.aborted) {
        setLoaded({ state: 'failed', error: error instanceof CallError ? error : new CallError() });
      }
    }
  };

  const entries = loaded.state === 'there' ? loaded.entries : [];
  return (
    <Box>
      <Stack direction="row" spacing={1}>
        <Autocomplete<Folder, false, true, true>
          id={id}
          freeSolo
          disableClearable
          openOnFocus
          forcePopupIcon
          fullWidth
          size="small"
          options={[...entries]}
          loading={loaded.state === 'loading'}
          loadingText={texts.own('pickList.loading')}
          value={(value as string | undefined) ?? ''}
          // The whole tree stays in sight while a value is there: a reader looks for a neighbour, not for the same.
          filterOptions={(all, { inputValue }) =>
            inputValue === value
              ? all
              : all.filter((entry) => entry.value.toLowerCase().includes(inputValue.toLowerCase()))
          }
          getOptionLabel={(option) => (typeof option === 'string' ? option : option.value)}
          getOptionDisabled={({ selectable }) => !selectable}
          isOptionEqualToValue={(option, current) =>
            option.value === (typeof current === 'string' ? current : (current as Folder).value)
          }
          onOpen={() => {
            if (loaded.state === 'idle') void load();
          }}
          onChange={(_event, chosen) => onChange(typeof chosen === 'string' ? chosen : chosen.value)}
          onInputChange={(_event, typed, reason) => {
            if (reason === 'input') onChange(typed === '' ? undefined : typed);
          }}
          onBlur={() => onBlur(id, value)}
          onFocus={() => onFocus(id, value)}
          slotProps={{ popupIndicator: { 'aria-label': texts.own('pickList.open', { label }) } }}
          renderOption={({ key, ...item }, { label: name, level, value: path, role }) => (
            <Box component="li" key={key} {...item}>
              <Box
                component="span"
                sx={{ pl: level * 2.5, minWidth: 0, overflow: 'hidden', textOverflow: 'ellipsis' }}
              >
                {name}
                {role !== undefined && level === 0 && name !== path && (
                  <Typography
                    component="span"
                    variant="body2"
                    color="text.secondary"
                  >{` ${path}`}</Typography>
                )}
              </Box>
            </Box>
          )}
          renderInput={({ inputProps, ...input }) => (
            <TextField
              {...input}
              error={(rawErrors?.length ?? 0) > 0}
              inputProps={{
                ...inputProps,
                'aria-required': required === true,
                'aria-describedby': describedBy(id, uiSchema?.['ui:help'], rawErrors),
                spellCheck: false,
              }}
            />
          )}
        />
        <IconButton
          aria-label={texts.own('pickList.refresh', { label })}
          title={texts.own('pickList.refresh', { label })}
          onClick={() => void load()}
          disabled={loaded.state === 'loading'}
        >
          {loaded.state === 'loading' ? <CircularProgress size={20} /> : <Refresh fontSize="small" />}
        </IconButton>
      </Stack>
      <Box aria-live="polite">
        {loaded.state === 'there' && (
          <Typography variant="body2" color="text.secondary" sx={{ mt: 0.5 }}>
            {entries.length === 0
              ? texts.text(`pickLists.${pickList}.empty`)
              : texts.own('pickList.loaded', { count: entries.length })}
          </Typography>
        )}
        {loaded.state === 'failed' && (
          <Box sx={{ mt: 1 }}>
            <FailureNotice error={loaded.error} lead={texts.own('pickList.failed')} />
          </Box>
        )}
      </Box>
    </Box>
  );
}

/** The button that makes the setup kit for an administrator, and what came of it. */
import AdminPanelSettings from '@mui/icons-material/AdminPanelSettings';
import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import CircularProgress from '@mui/material/CircularProgress';
import Stack from '@mui/material/Stack';
import Typography from '@mui/material/Typography';
import { useState } from 'react';
import { call } from '../../server/calls.js';
import { redirectUri, registrable } from '../../server/home.js';
import { useTexts } from '../../texts/context.js';
import { FailureNotice } from '../FailureNotice.js';
import { useCall } from '../use-call.js';
import type { Kit } from './kit.js';
import { KitContent } from './KitContent.js';

export interface SetupKitProps {
  /** Connection and activities, as far as they are filled in: the kit says what it lacks. */
  readonly input: object;
  /** Codes of the failures to remove; without them everything is set up. */
  readonly only?: readonly string[];
  readonly label: string;
}

export function SetupKit({ input, only, label }: SetupKitProps) {
  const texts = useTexts();
  const making = useCall<Kit>();
  const [madeFor, setMadeFor] = useState('');
  const wanted = JSON.stringify([input, only, texts.language]);
  const make = (): void => {
    setMadeFor(wanted);
    making.run(async (signal) => {
      const body = {
        ...input,
        ...(only === undefined ? {} : { only }),
        language: texts.language,
        redirectUris: [registrable(await redirectUri())],
      };
      return call<Kit>('setup', texts.language, body, signal);
    });
  };
  const kit = making.answer;
  return (
    <Stack spacing={2}>
      <Stack direction="row" spacing={1.5} sx={{ alignItems: 'center' }}>
        <Button
          variant="outlined"
          disabled={making.isRunning}
          startIcon={
            making.isRunning ? <CircularProgress size={18} color="inherit" /> : <AdminPanelSettings />
          }
          onClick={make}
        >
          {label}
        </Button>
        {kit !== undefined && (
          <Button color="inherit" onClick={making.reset}>
            {texts.own('kit.close')}
          </Button>
        )}
      </Stack>
      <Box aria-live="polite">
        {making.error !== undefined && <FailureNotice error={making.error} lead={texts.own('kit.failed')} />}
        {kit !== undefined && madeFor !== wanted && (
          <Typography variant="body2" color="text.secondary">
            {texts.own('kit.outdated')}
          </Typography>
        )}
        {kit?.steps.length === 0 && <Alert severity="info">{texts.own('kit.nothing')}</Alert>}
      </Box>
      {kit !== undefined && kit.steps.length > 0 && <KitContent kit={kit} isWhole={only === undefined} />}
    </Stack>
  );
}

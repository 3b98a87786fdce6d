/** The run button with cancel, and what stands in the way of a result. */
import PlayArrow from '@mui/icons-material/PlayArrow';
import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import CircularProgress from '@mui/material/CircularProgress';
import Stack from '@mui/material/Stack';
import { useTexts } from '../texts/context.js';
import { FailureNotice } from './FailureNotice.js';
import type { Stream } from './use-stream.js';

export function RunBar(props: { readonly stream: Stream; readonly label: string; onRun(): void }) {
  const { stream, label, onRun } = props;
  const texts = useTexts();
  const isRunning = stream.state === 'running';
  return (
    <Box>
      <Stack direction="row" spacing={1.5} sx={{ alignItems: 'center' }}>
        <Button
          variant="contained"
          disabled={isRunning}
          startIcon={isRunning ? <CircularProgress size={18} color="inherit" /> : <PlayArrow />}
          onClick={onRun}
        >
          {isRunning ? texts.own('run.running') : label}
        </Button>
        {isRunning && (
          <Button color="inherit" onClick={stream.cancel}>
            {texts.own('cancel')}
          </Button>
        )}
      </Stack>
      <Box aria-live="polite">
        {stream.state === 'cancelled' && (
          <Alert severity="info" sx={{ mt: 2 }}>
            {texts.own('run.cancelled')}
          </Alert>
        )}
        {stream.error !== undefined && (
          <Box sx={{ mt: 2 }}>
            <FailureNotice error={stream.error} />
          </Box>
        )}
      </Box>
    </Box>
  );
}

/** The connection test: a button, and each stage as it finishes. */
import PlayArrow from '@mui/icons-material/PlayArrow';
import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import CircularProgress from '@mui/material/CircularProgress';
import Stack from '@mui/material/Stack';
import Typography from '@mui/material/Typography';
import { useState } from 'react';
import type { Check } from '../../../src/generated/types.js';
import { useTexts } from '../texts/context.js';
import { CheckRow } from './CheckRow.js';
import { FailureNotice } from './FailureNotice.js';
import { useStream } from './use-stream.js';

export interface TestPanelProps {
  readonly stages: readonly string[];
  /** How many problems the form shows. */
  readonly problems: number;
  readonly input: object;
  isReady(): boolean;
}

function verdictOf(checks: readonly Check[]): 'passed' | 'failed' | 'reserved' {
  if (checks.some(({ status }) => status === 'failed')) return 'failed';
  return checks.every(({ status }) => status === 'passed') ? 'passed' : 'reserved';
}

const SEVERITY = { passed: 'success', failed: 'error', reserved: 'success' } as const;

export function TestPanel({ stages, problems, input, isReady }: TestPanelProps) {
  const texts = useTexts();
  const stream = useStream();
  const [tested, setTested] = useState('');
  const isOutdated = stream.state === 'done' && tested !== JSON.stringify(input);
  const isRunning = stream.state === 'running';
  const lines = stream.lines.flatMap(({ check }) => (check === undefined ? [] : [check]));
  const verdict = verdictOf(lines);
  const failed = lines.filter(({ status }) => status === 'failed').length;
  return (
    <Box>
      <Stack direction="row" spacing={1.5} sx={{ alignItems: 'center', flexWrap: 'wrap', rowGap: 1 }}>
        <Button
          variant="contained"
          size="large"
          disabled={isRunning}
          startIcon={isRunning ? <CircularProgress size={18} color="inherit" /> : <PlayArrow />}
          onClick={() => {
            if (!isReady()) return;
            setTested(JSON.stringify(input));
            stream.start('check', input);
          }}
        >
          {texts.own(isRunning ? 'test.running' : stream.state === 'idle' ? 'test.start' : 'test.again')}
        </Button>
        {isRunning && (
          <Button color="inherit" onClick={stream.cancel}>
            {texts.own('cancel')}
          </Button>
        )}
      </Stack>
      <Box aria-live="polite" sx={{ mt: 2 }}>
        {problems > 0 && !isRunning && (
          <Typography color="error" variant="body2" sx={{ mb: 1.5 }}>
            {texts.own('form.problems', { count: problems })}
          </Typography>
        )}
        {stream.state === 'done' && lines.length > 0 && (
          <Alert severity={SEVERITY[verdict]} sx={{ mb: 1, fontWeight: 600 }}>
            {texts.own(`test.verdict.${verdict}`, { count: failed })}
          </Alert>
        )}
        {isOutdated && (
          <Typography variant="body2" color="text.secondary" sx={{ mb: 1 }}>
            {texts.own('test.outdated')}
          </Typography>
        )}
        {stream.state === 'cancelled' && <Alert severity="info">{texts.own('test.cancelled')}</Alert>}
        {stream.state === 'failed' && stream.error !== undefined && <FailureNotice error={stream.error} />}
      </Box>
      {stream.state === 'idle' ? (
        <Box sx={{ color: 'text.secondary' }}>
          <Typography variant="body2">{texts.own('test.idle')}</Typography>
          <Box component="ol" sx={{ m: 0, mt: 1, pl: 2.5, fontSize: '0.875rem', lineHeight: 1.9 }}>
            {stages.map((stage) => (
              <li key={stage}>{texts.text(`checks.stages.${stage}`)}</li>
            ))}
          </Box>
        </Box>
      ) : (
        <Box component="ul" aria-label={texts.own('test.stages')} sx={{ listStyle: 'none', m: 0, p: 0 }}>
          {lines.map((check) => (
            <CheckRow key={`${check.stage} ${check.transport ?? ''}`} check={check} />
          ))}
          {isRunning && (
            <Stack component="li" direction="row" spacing={1.5} sx={{ py: 1.25, alignItems: 'center' }}>
              <CircularProgress size={20} />
              <Typography color="text.secondary">{texts.own('test.next')}</Typography>
            </Stack>
          )}
        </Box>
      )}
    </Box>
  );
}

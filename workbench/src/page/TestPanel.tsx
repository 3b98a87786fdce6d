/** The connection test: a button, and each stage as it finishes. */
import PlayArrow from '@mui/icons-material/PlayArrow';
import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import CircularProgress from '@mui/material/CircularProgress';
import Stack from '@mui/material/Stack';
import Typography from '@mui/material/Typography';
import { useState } from 'react';
import type { Check, FailureReport } from '../../../src/generated/types.js';
import { renderFailure } from '../../../src/manifest/problems.js';
import { useTexts } from '../texts/context.js';
import { CheckRow } from './CheckRow.js';
import { FailureNotice } from './FailureNotice.js';
import { SettlingNotice } from './SettlingNotice.js';
import { SetupKit } from './setup/SetupKit.js';
import { useWatch } from './use-watch.js';
import { useStream } from './use-stream.js';

export interface TestPanelProps {
  readonly stages: readonly string[];
  /** How many problems the form shows. */
  readonly problems: number;
  readonly input: object;
  /** Several mailboxes to test one after the other; empty when there is only one. */
  readonly mailboxes: readonly string[];
  /** Codes of failures that an administrator's commands can remove. */
  readonly setupFailures: readonly string[];
  isReady(): boolean;
}

function verdictOf(checks: readonly Check[]): 'passed' | 'failed' | 'reserved' {
  if (checks.some(({ status }) => status === 'failed')) return 'failed';
  return checks.every(({ status }) => status === 'passed') ? 'passed' : 'reserved';
}

const SEVERITY = { passed: 'success', failed: 'error', reserved: 'success' } as const;

/** The latest time until which something may still come right by itself. */
function settlingUntil(checks: readonly Check[]): string | undefined {
  return checks
    .flatMap(({ settling }) => settling?.until ?? [])
    .sort()
    .at(-1);
}

function reported(checks: readonly Check[], wanted: Check['status']): FailureReport[] {
  return checks.flatMap(({ status, failure }) =>
    status === wanted && failure !== undefined ? [failure] : [],
  );
}

export function TestPanel({ stages, problems, input, mailboxes, setupFailures, isReady }: TestPanelProps) {
  const texts = useTexts();
  const stream = useStream();
  const [tested, setTested] = useState<{ readonly input: string; readonly mailboxes?: readonly string[] }>();
  const [changedAt, setChangedAt] = useState<string>();
  const isDone = stream.state === 'done';
  const isOutdated = isDone && tested?.input !== JSON.stringify(input);
  const isRunning = stream.state === 'running';
  const lines = stream.lines.flatMap(({ check }) => (check === undefined ? [] : [check]));
  const verdict = verdictOf(lines);
  const failures = reported(lines, 'failed');
  // What merely may be better has its turn once nothing fails.
  const commanded = failures.length > 0 ? failures : reported(lines, 'warning');
  const mendable = [...new Set(commanded.map(({ code }) => code))].filter((code) =>
    setupFailures.includes(code),
  );
  const until = settlingUntil(lines);
  const takesTime =
    until !== undefined || failures.some((failure) => renderFailure(failure, texts).settling !== undefined);
  const start = (several?: readonly string[], changed: string | undefined = changedAt): void => {
    if (!isReady()) return;
    setTested({ input: JSON.stringify(input), ...(several === undefined ? {} : { mailboxes: several }) });
    stream.start('check', {
      ...input,
      ...(several === undefined ? {} : { mailboxes: several }),
      ...(changed === undefined ? {} : { changedAt: changed }),
    });
  };
  const watch = useWatch(isDone, verdict === 'failed', () => start(tested?.mailboxes));
  const onWatch = (): void => {
    const changed = until === undefined ? new Date().toISOString() : changedAt;
    setChangedAt(changed);
    watch.start();
    start(tested?.mailboxes, changed);
  };
  const startOnce = (several?: readonly string[]): void => {
    watch.stop();
    start(several);
  };
  return (
    <Box>
      <Stack direction="row" spacing={1.5} sx={{ alignItems: 'center', flexWrap: 'wrap', rowGap: 1 }}>
        <Button
          variant="contained"
          size="large"
          disabled={isRunning}
          startIcon={isRunning ? <CircularProgress size={18} color="inherit" /> : <PlayArrow />}
          onClick={() => startOnce()}
        >
          {texts.own(isRunning ? 'test.running' : stream.state === 'idle' ? 'test.start' : 'test.again')}
        </Button>
        {mailboxes.length > 0 && !isRunning && (
          <Button variant="outlined" size="large" onClick={() => startOnce(mailboxes)}>
            {texts.own('test.allMailboxes', { count: mailboxes.length })}
          </Button>
        )}
        {isRunning && (
          <Button
            color="inherit"
            onClick={() => {
              watch.stop();
              stream.cancel();
            }}
          >
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
        {isDone && lines.length > 0 && (
          <Alert severity={SEVERITY[verdict]} sx={{ mb: 1, fontWeight: 600 }}>
            {texts.own(`test.verdict.${verdict}`, { count: failures.length })}
          </Alert>
        )}
        {(watch.isOn || (isDone && takesTime)) && (
          <SettlingNotice until={until} watch={watch} onWatch={onWatch} />
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
            <CheckRow key={`${check.stage} ${check.transport ?? ''} ${check.mailbox ?? ''}`} check={check} />
          ))}
          {isRunning && (
            <Stack component="li" direction="row" spacing={1.5} sx={{ py: 1.25, alignItems: 'center' }}>
              <CircularProgress size={20} />
              <Typography color="text.secondary">{texts.own('test.next')}</Typography>
            </Stack>
          )}
        </Box>
      )}
      {isDone && mendable.length > 0 && (
        <Box sx={{ mt: 2 }}>
          <SetupKit input={input} only={mendable} label={texts.own('kit.exactly')} />
        </Box>
      )}
    </Box>
  );
}

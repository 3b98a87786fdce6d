/** A failure for the reader: what, why, what to do, who can. Owns: its look wherever a failure is shown. */
import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Link from '@mui/material/Link';
import Stack from '@mui/material/Stack';
import Typography from '@mui/material/Typography';
import type { ReactNode } from 'react';
import type { FailureReport } from '../../../src/generated/types.js';
import type { CallError } from '../server/calls.js';
import { useTexts } from '../texts/context.js';
import { renderFailure } from '../../../src/manifest/problems.js';
import { CopyButton } from './CopyButton.js';

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <Box>
      <Typography component="dt" variant="body2" color="text.secondary">
        {name}
      </Typography>
      <Typography component="dd" sx={{ m: 0, overflowWrap: 'anywhere' }}>
        {children}
      </Typography>
    </Box>
  );
}

export function FailureBody({ failure }: { readonly failure: FailureReport }) {
  const texts = useTexts();
  const text = renderFailure(failure, texts);
  return (
    <Stack component="dl" spacing={1.5} sx={{ m: 0 }}>
      <Fact name={texts.own('failure.cause')}>{text.cause}</Fact>
      {text.problems.length > 0 && (
        <Fact name={texts.own('failure.fields')}>
          <Box component="ul" sx={{ m: 0, pl: 2.5 }}>
            {text.problems.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </Box>
        </Fact>
      )}
      <Fact name={texts.own('failure.remedy')}>
        {text.remedy}{' '}
        {text.docs !== undefined && (
          <Link href={text.docs} target="_blank" rel="noreferrer">
            {texts.own('failure.docs')}
          </Link>
        )}
        <Box sx={{ mt: 0.75 }}>
          <CopyButton text={text.remedy} of={texts.own('failure.remedy')} />
        </Box>
      </Fact>
      {text.settling !== undefined && <Fact name={texts.own('failure.settling')}>{text.settling}</Fact>}
      {text.inference !== undefined && <Fact name={texts.own('failure.inference')}>{text.inference}</Fact>}
      <Fact name={texts.own('failure.actor')}>{text.actor}</Fact>
      {failure.serverText !== undefined && (
        <Fact name={texts.own('failure.serverText')}>
          <Box component="code" sx={{ fontSize: '0.8125rem' }}>
            {failure.serverText}
          </Box>
        </Fact>
      )}
      {failure.correlationId !== undefined && (
        <Fact name={texts.own('failure.correlationId')}>
          <Box component="code" sx={{ fontSize: '0.8125rem' }}>
            {failure.correlationId}
          </Box>
        </Fact>
      )}
    </Stack>
  );
}

export interface FailureNoticeProps {
  readonly error: CallError;
  /** What it was for. */
  readonly lead?: string;
  /** What helps on this page in particular. */
  readonly hint?: string;
}

/** A failed call. */
export function FailureNotice({ error, lead, hint }: FailureNoticeProps) {
  const texts = useTexts();
  const { failure } = error;
  return (
    <Alert severity="error" role="alert">
      {lead !== undefined && <Typography variant="body2">{lead}</Typography>}
      <Typography sx={{ fontWeight: 600, mb: failure === undefined ? 0 : 1 }}>
        {failure === undefined ? texts.own('noAnswer') : renderFailure(failure, texts).title}
      </Typography>
      {failure !== undefined && <FailureBody failure={failure} />}
      {hint !== undefined && <Typography sx={{ mt: 1.5 }}>{hint}</Typography>}
    </Alert>
  );
}

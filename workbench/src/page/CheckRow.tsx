/** One stage of a test: how it went, what was seen, and what to do when it failed. */
import CheckCircle from '@mui/icons-material/CheckCircle';
import ErrorIcon from '@mui/icons-material/Error';
import ExpandMore from '@mui/icons-material/ExpandMore';
import HelpIcon from '@mui/icons-material/Help';
import RemoveCircleOutline from '@mui/icons-material/RemoveCircleOutline';
import Warning from '@mui/icons-material/Warning';
import Box from '@mui/material/Box';
import ButtonBase from '@mui/material/ButtonBase';
import Collapse from '@mui/material/Collapse';
import Stack from '@mui/material/Stack';
import Typography from '@mui/material/Typography';
import { useId, useState } from 'react';
import type { Check } from '../../../src/generated/types.js';
import { useTexts } from '../texts/context.js';
import type { Texts } from '../texts/texts.js';
import { renderFailure } from '../../../src/manifest/problems.js';
import { FailureBody } from './FailureNotice.js';

const ICONS = {
  passed: { Icon: CheckCircle, color: 'success' },
  warning: { Icon: Warning, color: 'warning' },
  failed: { Icon: ErrorIcon, color: 'error' },
  skipped: { Icon: RemoveCircleOutline, color: 'disabled' },
  'not-verifiable': { Icon: HelpIcon, color: 'primary' },
} as const;

/** Date and time, as opposed to a word that a server said. */
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/u;

function valueOf(value: Check['evidence'][string], texts: Texts): string {
  if (Array.isArray(value)) return value.join(', ');
  if (typeof value === 'boolean') return texts.own(value ? 'yes' : 'no');
  return typeof value === 'string' && INSTANT.test(value) ? texts.moment(value) : String(value);
}

function Evidence({ evidence }: { readonly evidence: Check['evidence'] }) {
  const texts = useTexts();
  return (
    <Box
      component="dl"
      sx={{
        display: 'grid',
        gridTemplateColumns: 'max-content minmax(0, 1fr)',
        columnGap: 2,
        rowGap: 0.25,
        m: 0,
        fontSize: '0.8125rem',
      }}
    >
      {Object.entries(evidence).map(([name, value]) => (
        <Box key={name} sx={{ display: 'contents' }}>
          <Box component="dt" sx={{ color: 'text.secondary' }}>
            {texts.find(`checks.evidence.${name}`) ?? name}
          </Box>
          <Box component="dd" sx={{ m: 0, overflowWrap: 'anywhere' }}>
            {valueOf(value, texts)}
          </Box>
        </Box>
      ))}
    </Box>
  );
}

export function CheckRow({ check }: { readonly check: Check }) {
  const texts = useTexts();
  const { stage, transport, mailbox, status, settling, durationMs, evidence, failure, skippedBecause } =
    check;
  const [isOpen, setOpen] = useState(status === 'failed');
  const id = useId();
  const { Icon, color } = ICONS[status];
  const isPlain = status === 'passed' || status === 'skipped';
  const hasDetails = Object.keys(evidence).length > 0 || failure !== undefined;
  const because = skippedBecause === undefined ? undefined : texts.text(`checks.stages.${skippedBecause}`);
  const title = failure === undefined ? undefined : renderFailure(failure, texts).title;
  return (
    <Box
      component="li"
      data-stage={stage}
      data-status={status}
      data-mailbox={mailbox}
      sx={{ borderTop: 1, borderColor: 'divider' }}
    >
      <ButtonBase
        component={hasDetails ? 'button' : 'div'}
        disabled={!hasDetails}
        {...(hasDetails ? { 'aria-expanded': isOpen, 'aria-controls': id } : {})}
        onClick={() => setOpen(!isOpen)}
        sx={{
          width: '100%',
          py: 1.25,
          px: 0.5,
          gap: 1.5,
          textAlign: 'left',
          justifyContent: 'flex-start',
          alignItems: 'flex-start',
          borderRadius: 1,
          font: 'inherit',
          '&:hover': { bgcolor: 'action.hover' },
        }}
      >
        <Icon color={color} sx={{ fontSize: 22, mt: '1px' }} aria-hidden />
        <Box component="span" sx={{ flex: 1, minWidth: 0 }}>
          <Typography component="span" sx={{ display: 'block', fontWeight: status === 'failed' ? 600 : 400 }}>
            {texts.text(`checks.stages.${stage}`)}
            {transport !== undefined && (
              <Typography component="span" color="text.secondary">
                {` (${texts.text(`checks.transports.${transport}`)})`}
              </Typography>
            )}
            {mailbox !== undefined && (
              <Typography
                component="span"
                color="text.secondary"
                sx={{ display: 'block', overflowWrap: 'anywhere' }}
              >
                {mailbox}
              </Typography>
            )}
          </Typography>
          {/* Beside an icon these words say nothing new; without sight of the icon they say everything. */}
          <Typography
            component="span"
            variant="body2"
            color="text.secondary"
            {...(isPlain ? { className: 'visually-hidden' } : {})}
          >
            {[
              texts.text(`checks.statuses.${status}`),
              because === undefined ? title : texts.own('test.skipped', { stage: because }),
            ]
              .filter((part) => part !== undefined)
              .join(': ')}
          </Typography>
        </Box>
        <Typography
          component="span"
          variant="body2"
          color="text.secondary"
          sx={{ whiteSpace: 'nowrap', mt: '1px' }}
        >
          {status === 'skipped' ? texts.text('checks.statuses.skipped') : texts.duration(durationMs)}
        </Typography>
        <ExpandMore
          aria-hidden
          sx={{
            color: 'text.secondary',
            visibility: hasDetails ? 'visible' : 'hidden',
            transform: isOpen ? 'rotate(180deg)' : 'none',
          }}
        />
      </ButtonBase>
      <Collapse in={isOpen} id={id}>
        <Stack
          spacing={2}
          sx={{
            ml: 4.75,
            mr: 0.5,
            mb: 2,
            pl: 2,
            borderLeft: 3,
            borderColor: color === 'disabled' ? 'divider' : `${color}.main`,
          }}
        >
          {settling !== undefined && (
            <Typography>{texts.own('watch.settling', { until: texts.moment(settling.until) })}</Typography>
          )}
          {failure !== undefined && <FailureBody failure={failure} />}
          {Object.keys(evidence).length > 0 && <Evidence evidence={evidence} />}
        </Stack>
      </Collapse>
    </Box>
  );
}

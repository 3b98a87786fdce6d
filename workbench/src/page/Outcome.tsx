/** What became of a message that was sent, in all and for each recipient. */
import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Chip from '@mui/material/Chip';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import Typography from '@mui/material/Typography';
import type { SendEmailResponse } from '../../../src/generated/types.js';
import { useTexts } from '../texts/context.js';
import { renderFailure } from '../../../src/manifest/problems.js';
import { FailureBody } from './FailureNotice.js';

const SEVERITY = { accepted: 'success', rejected: 'error', deferred: 'warning', unknown: 'warning' } as const;

export function Outcome({ response }: { readonly response: SendEmailResponse }) {
  const texts = useTexts();
  const { outcome, messageId, recipients, failure, serverText } = response;
  return (
    <Alert severity={SEVERITY[outcome]} data-outcome={outcome}>
      <Typography sx={{ fontWeight: 600 }}>{texts.own(`outcomes.${outcome}.title`)}</Typography>
      <Typography variant="body2" color="text.secondary">
        {failure === undefined ? texts.own(`outcomes.${outcome}.lead`) : renderFailure(failure, texts).title}
      </Typography>
      {failure !== undefined && (
        <Box sx={{ mt: 1.5 }}>
          <FailureBody failure={failure} />
        </Box>
      )}
      {recipients.length > 0 && (
        <Table size="small" sx={{ mt: 1.5 }} aria-label={texts.own('outcomes.recipients')}>
          <TableHead>
            <TableRow>
              <TableCell>{texts.own('outcomes.recipient')}</TableCell>
              <TableCell>{texts.own('outcomes.outcome')}</TableCell>
              <TableCell>{texts.own('failure.serverText')}</TableCell>
            </TableRow>
          </TableHead>
          <TableBody>
            {recipients.map((recipient) => (
              <TableRow key={recipient.address}>
                <TableCell>{recipient.address}</TableCell>
                <TableCell>
                  <Chip
                    size="small"
                    variant="outlined"
                    color={SEVERITY[recipient.outcome]}
                    label={texts.own(`outcomes.${recipient.outcome}.name`)}
                  />
                </TableCell>
                <TableCell sx={{ overflowWrap: 'anywhere' }}>{recipient.serverText ?? ''}</TableCell>
              </TableRow>
            ))}
          </TableBody>
        </Table>
      )}
      <Box sx={{ mt: 1.5, fontSize: '0.8125rem', color: 'text.secondary', overflowWrap: 'anywhere' }}>
        {messageId !== null && <div>{`Message-ID: ${messageId}`}</div>}
        {serverText !== undefined && !recipients.some((one) => one.serverText === serverText) && (
          <div>{`${texts.own('failure.serverText')}: ${serverText}`}</div>
        )}
      </Box>
    </Alert>
  );
}

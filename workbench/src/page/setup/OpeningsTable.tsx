/** Hosts and ports that a firewall must let through. */
import Box from '@mui/material/Box';
import Stack from '@mui/material/Stack';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import Typography from '@mui/material/Typography';
import { useId } from 'react';
import { useTexts } from '../../texts/context.js';
import { CopyButton } from '../CopyButton.js';
import type { Opening } from './kit.js';

export function OpeningsTable({ openings }: { readonly openings: readonly Opening[] }) {
  const texts = useTexts();
  const id = useId();
  const rows = openings.map(({ host, port, protocol, from, purpose }) =>
    [`${host}:${port}`, protocol.toUpperCase(), from, purpose].join('\t'),
  );
  return (
    <Box>
      <Stack direction="row" spacing={1.5} sx={{ alignItems: 'center', flexWrap: 'wrap', rowGap: 1 }}>
        <Typography variant="h4" id={id}>
          {texts.own('kit.openings')}
        </Typography>
        <CopyButton text={rows.join('\n')} of={texts.own('kit.openings')} />
      </Stack>
      <Box sx={{ overflowX: 'auto' }} tabIndex={0} role="region" aria-labelledby={id}>
        <Table size="small" aria-labelledby={id} sx={{ mt: 1, minWidth: 640 }}>
          <TableHead>
            <TableRow>
              <TableCell>{texts.own('kit.host')}</TableCell>
              <TableCell>{texts.own('kit.protocol')}</TableCell>
              <TableCell>{texts.own('kit.from')}</TableCell>
              <TableCell>{texts.own('kit.purpose')}</TableCell>
            </TableRow>
          </TableHead>
          <TableBody>
            {openings.map(({ host, port, protocol, from, purpose, unconfirmed }) => (
              <TableRow key={`${host} ${port} ${from} ${purpose}`}>
                <TableCell sx={{ whiteSpace: 'nowrap' }}>
                  <code>{`${host}:${port}`}</code>
                  {unconfirmed && (
                    <Typography variant="body2" color="warning">
                      {texts.own('kit.unconfirmed')}
                    </Typography>
                  )}
                </TableCell>
                <TableCell>{protocol.toUpperCase()}</TableCell>
                <TableCell>{from}</TableCell>
                <TableCell>{purpose}</TableCell>
              </TableRow>
            ))}
          </TableBody>
        </Table>
      </Box>
    </Box>
  );
}

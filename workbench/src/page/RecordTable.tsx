/** Records that were read, one row each; a row opens to the whole message. */
import AttachFile from '@mui/icons-material/AttachFile';
import ExpandMore from '@mui/icons-material/ExpandMore';
import Box from '@mui/material/Box';
import ButtonBase from '@mui/material/ButtonBase';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableContainer from '@mui/material/TableContainer';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import Typography from '@mui/material/Typography';
import { Fragment, useState } from 'react';
import type { EmailRecord } from '../../../src/generated/types.js';
import { useTexts } from '../texts/context.js';
import { RecordDetails } from './RecordDetails.js';

export function RecordTable({ records }: { readonly records: readonly EmailRecord[] }) {
  const texts = useTexts();
  const [open, setOpen] = useState<string>();
  return (
    <>
      <Typography variant="h4" aria-live="polite" sx={{ mb: 1 }}>
        {texts.own(records.length === 1 ? 'records.one' : 'records.many', { count: records.length })}
      </Typography>
      <TableContainer sx={{ border: 1, borderColor: 'divider', borderRadius: 1 }}>
        <Table
          size="small"
          aria-label={texts.own('records.title')}
          sx={{ tableLayout: 'fixed', minWidth: 640 }}
        >
          <TableHead>
            <TableRow>
              <TableCell sx={{ width: '27%' }}>{texts.own('records.from')}</TableCell>
              <TableCell sx={{ pl: 3.5 }}>{texts.own('records.subject')}</TableCell>
              <TableCell sx={{ width: 170 }}>{texts.own('records.received')}</TableCell>
              <TableCell sx={{ width: 125 }}>{texts.own('records.attachments')}</TableCell>
            </TableRow>
          </TableHead>
          <TableBody>
            {records.map((record) => {
              const { key, from, subject, receivedAt, attachments, isRead } = record;
              const isOpen = key === open;
              return (
                <Fragment key={key}>
                  <TableRow
                    hover
                    sx={{ '& > td': { border: isOpen ? 0 : undefined, verticalAlign: 'top', py: 1 } }}
                  >
                    <TableCell sx={{ overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }}>
                      {from.map(({ name, address }) => (name === '' ? address : name)).join(', ')}
                    </TableCell>
                    <TableCell sx={{ p: 0 }}>
                      <ButtonBase
                        aria-expanded={isOpen}
                        onClick={() => setOpen(isOpen ? undefined : key)}
                        sx={{
                          font: 'inherit',
                          fontWeight: isRead ? 400 : 600,
                          textAlign: 'left',
                          justifyContent: 'flex-start',
                          gap: 0.5,
                          borderRadius: 0.5,
                          overflowWrap: 'anywhere',
                        }}
                      >
                        <ExpandMore
                          fontSize="small"
                          sx={{ transform: isOpen ? 'none' : 'rotate(-90deg)', color: 'text.secondary' }}
                        />
                        {subject === '' ? texts.own('records.noSubject') : subject}
                      </ButtonBase>
                    </TableCell>
                    <TableCell sx={{ whiteSpace: 'nowrap' }}>
                      {receivedAt === null ? '' : texts.moment(receivedAt)}
                    </TableCell>
                    <TableCell>
                      {attachments.length > 0 && (
                        <Box sx={{ display: 'flex', alignItems: 'center', gap: 0.5 }}>
                          <AttachFile fontSize="inherit" aria-hidden />
                          {attachments.length}
                        </Box>
                      )}
                    </TableCell>
                  </TableRow>
                  {isOpen && (
                    <TableRow>
                      <TableCell colSpan={4} sx={{ pt: 0, pb: 3, px: { xs: 2, sm: 4 } }}>
                        <RecordDetails record={record} />
                      </TableCell>
                    </TableRow>
                  )}
                </Fragment>
              );
            })}
          </TableBody>
        </Table>
      </TableContainer>
    </>
  );
}

/**
 * A whole message. Must not: put HTML of a message into the page; foreign mail may hold anything. It is shown as the
 * text that it is.
 */
import Box from '@mui/material/Box';
import Stack from '@mui/material/Stack';
import Typography from '@mui/material/Typography';
import type { ReactNode } from 'react';
import type { EmailRecord, ReceivedAddress } from '../../../src/generated/types.js';
import { useTexts } from '../texts/context.js';

const written = (addresses: readonly ReceivedAddress[]): string =>
  addresses.map(({ name, address }) => (name === '' ? address : `${name} <${address}>`)).join(', ');

function Source({ children }: { readonly children: ReactNode }) {
  return (
    <Box
      component="pre"
      tabIndex={0}
      sx={{
        m: 0,
        p: 1.5,
        maxHeight: 320,
        overflow: 'auto',
        whiteSpace: 'pre-wrap',
        overflowWrap: 'anywhere',
        bgcolor: 'background.default',
        borderRadius: 1,
        fontSize: '0.8125rem',
        fontFamily: 'ui-monospace, "Cascadia Mono", Consolas, monospace',
      }}
    >
      {children}
    </Box>
  );
}

function Folded({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <details>
      <Box component="summary" sx={{ cursor: 'pointer', fontWeight: 600, mb: 1 }}>
        {title}
      </Box>
      {children}
    </details>
  );
}

export function RecordDetails({ record }: { readonly record: EmailRecord }) {
  const texts = useTexts();
  const { from, to, cc, text, html, headers, attachments, warnings } = record;
  const people = [
    ['records.from', from],
    ['records.to', to],
    ['records.cc', cc],
  ] as const;
  return (
    <Stack spacing={2}>
      <Box
        component="dl"
        sx={{ m: 0, display: 'grid', gridTemplateColumns: 'max-content 1fr', columnGap: 2, rowGap: 0.5 }}
      >
        {people
          .filter(([, addresses]) => addresses.length > 0)
          .map(([name, addresses]) => (
            <Box key={name} sx={{ display: 'contents' }}>
              <Box component="dt" sx={{ color: 'text.secondary' }}>
                {texts.own(name)}
              </Box>
              <Box component="dd" sx={{ m: 0, overflowWrap: 'anywhere' }}>
                {written(addresses)}
              </Box>
            </Box>
          ))}
      </Box>
      {text === null ? (
        <Typography color="text.secondary">{texts.own('records.noText')}</Typography>
      ) : (
        <Source>{text}</Source>
      )}
      {attachments.length > 0 && (
        <Box>
          <Typography variant="h4">{texts.own('records.attachments')}</Typography>
          <Box component="ul" sx={{ m: 0, mt: 0.5, pl: 2.5 }}>
            {attachments.map(({ part, name, contentType, size }) => (
              <li key={part}>
                {name}
                <Typography component="span" variant="body2" color="text.secondary">
                  {` ${contentType}, ${texts.size(size)}`}
                </Typography>
              </li>
            ))}
          </Box>
        </Box>
      )}
      {html !== null && (
        <Folded title={texts.own('records.html')}>
          <Source>{html}</Source>
        </Folded>
      )}
      <Folded title={texts.own('records.headers', { count: headers.length })}>
        <Source>{headers.map(({ name, value }) => `${name}: ${value}`).join('\n')}</Source>
      </Folded>
      {warnings.length > 0 && (
        <Folded title={texts.own('records.warnings', { count: warnings.length })}>
          <Source>
            {warnings
              .map(({ code, part, detail }) => [code, part, detail].filter(Boolean).join(' '))
              .join('\n')}
          </Source>
        </Folded>
      )}
    </Stack>
  );
}

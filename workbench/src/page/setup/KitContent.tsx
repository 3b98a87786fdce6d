/** What is in a setup kit: the steps, the files to download or look at, the links, the firewall's list. */
import Download from '@mui/icons-material/Download';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Link from '@mui/material/Link';
import Stack from '@mui/material/Stack';
import Typography from '@mui/material/Typography';
import { useId, useState } from 'react';
import { useTexts } from '../../texts/context.js';
import { CopyButton } from '../CopyButton.js';
import { download, filesOf, type Kit, type KitFile } from './kit.js';
import { OpeningsTable } from './OpeningsTable.js';

function Preview({ file }: { readonly file: KitFile }) {
  const texts = useTexts();
  const id = useId();
  return (
    <Box>
      <Stack direction="row" spacing={1.5} sx={{ alignItems: 'center', mb: 1 }}>
        <Typography variant="h4" id={id}>
          {file.name}
        </Typography>
        <CopyButton text={file.text} of={file.name} />
      </Stack>
      <Box
        component="pre"
        role="region"
        aria-labelledby={id}
        tabIndex={0}
        data-preview={file.id}
        sx={{
          m: 0,
          p: 1.5,
          maxHeight: 360,
          overflow: 'auto',
          border: 1,
          borderColor: 'divider',
          borderRadius: 1,
          bgcolor: 'background.default',
          fontSize: '0.8125rem',
        }}
      >
        {file.text || texts.own('kit.empty')}
      </Box>
    </Box>
  );
}

function Files({ files }: { readonly files: readonly KitFile[] }) {
  const texts = useTexts();
  const [shown, setShown] = useState<string>();
  const preview = files.find(({ id }) => id === shown);
  return (
    <Stack spacing={1.5}>
      <Box component="ul" aria-label={texts.own('kit.files')} sx={{ listStyle: 'none', m: 0, p: 0 }}>
        {files.map((file) => (
          <Stack
            key={file.id}
            component="li"
            direction="row"
            spacing={1}
            sx={{ py: 0.75, borderTop: 1, borderColor: 'divider', alignItems: 'center', flexWrap: 'wrap' }}
          >
            <Box sx={{ flex: '1 1 12rem', minWidth: 0 }}>
              <Typography>{texts.own(`kit.file.${file.id}`)}</Typography>
              <Typography variant="body2" color="text.secondary">
                {file.name}
              </Typography>
            </Box>
            <Button
              size="small"
              color="inherit"
              aria-expanded={file.id === shown}
              onClick={() => setShown(file.id === shown ? undefined : file.id)}
            >
              {texts.own('kit.preview')}
              <span className="visually-hidden">{` ${file.name}`}</span>
            </Button>
            <Button size="small" variant="outlined" startIcon={<Download />} onClick={() => download(file)}>
              {texts.own('kit.download')}
              <span className="visually-hidden">{` ${file.name}`}</span>
            </Button>
          </Stack>
        ))}
      </Box>
      {preview !== undefined && <Preview file={preview} />}
    </Stack>
  );
}

export interface KitContentProps {
  readonly kit: Kit;
  /** False: made for some failures, of which a closed firewall is none. */
  readonly isWhole: boolean;
}

export function KitContent({ kit, isWhole }: KitContentProps) {
  const texts = useTexts();
  return (
    <Stack spacing={3} data-kit>
      <Box>
        <Typography variant="h4">{texts.own('kit.steps')}</Typography>
        <Box component="ol" sx={{ m: 0, mt: 0.5, pl: 2.5 }}>
          {kit.steps.map(({ id, title, why, role, waitMinutes }) => (
            <Box component="li" key={id} data-step={id} sx={{ mt: 1 }}>
              <Typography sx={{ fontWeight: 600, overflowWrap: 'anywhere' }}>{title}</Typography>
              <Typography variant="body2">{why}</Typography>
              <Typography variant="body2" color="text.secondary">
                {[role, ...(waitMinutes > 0 ? [texts.own('kit.wait', { minutes: waitMinutes })] : [])].join(
                  ' · ',
                )}
              </Typography>
            </Box>
          ))}
        </Box>
      </Box>
      <Files files={filesOf(kit)} />
      {kit.consentUrls.length > 0 && (
        <Stack spacing={1}>
          <Typography variant="h4">{texts.own('kit.consent')}</Typography>
          {kit.consentUrls.map(({ text, url }) => (
            <Stack
              key={url}
              direction="row"
              spacing={1.5}
              sx={{ alignItems: 'center', flexWrap: 'wrap', rowGap: 0.5 }}
            >
              <Link href={url} target="_blank" rel="noreferrer">
                {text}
              </Link>
              <CopyButton text={url} of={text} />
            </Stack>
          ))}
        </Stack>
      )}
      {isWhole && <OpeningsTable openings={kit.openings} />}
    </Stack>
  );
}

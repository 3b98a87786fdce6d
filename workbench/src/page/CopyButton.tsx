/** Copies a text, and says so for a moment. */
import ContentCopy from '@mui/icons-material/ContentCopy';
import Button from '@mui/material/Button';
import { useState } from 'react';
import { useTexts } from '../texts/context.js';

/** How long "Copied" stands, in milliseconds. */
const SHOWN_MS = 2500;

export function CopyButton({
  text,
  of,
}: {
  readonly text: string;
  /** What it copies, for a screen reader. */ readonly of?: string;
}) {
  const texts = useTexts();
  const [isCopied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), SHOWN_MS);
  };
  return (
    <Button
      size="small"
      variant="outlined"
      color="inherit"
      startIcon={<ContentCopy />}
      onClick={() => void copy()}
      sx={{ flexShrink: 0 }}
    >
      <span aria-live="polite">{texts.own(isCopied ? 'failure.copied' : 'failure.copy')}</span>
      {of !== undefined && <span className="visually-hidden">{` ${of}`}</span>}
    </Button>
  );
}

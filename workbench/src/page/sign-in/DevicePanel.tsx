/** Sign-in with a code on another device; for methods that keep no sign-in, proof that the app registration works. */
import Devices from '@mui/icons-material/Devices';
import OpenInNew from '@mui/icons-material/OpenInNew';
import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Link from '@mui/material/Link';
import Stack from '@mui/material/Stack';
import Typography from '@mui/material/Typography';
import { useEffect, useRef, useState } from 'react';
import type { CompletedSignIn, SignedIn } from '../../server/calls.js';
import { useTexts } from '../../texts/context.js';
import { CopyButton } from '../CopyButton.js';
import { FailureNotice } from '../FailureNotice.js';
import { useStream } from '../use-stream.js';
import { SignedInCard } from './SignedInCard.js';

export interface DevicePanelProps {
  readonly connection: object;
  /** False: only verify; nothing is kept. */
  readonly keep: boolean;
  readonly signedIn: SignedIn | undefined;
  isReady(): boolean;
  onSignedIn(signedIn: CompletedSignIn): void;
  onDisconnect(): void;
}

/** Minutes and seconds until an instant, in milliseconds since 1970. */
function Countdown({ until }: { readonly until: number }) {
  const texts = useTexts();
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.max(0, Math.round((until - now) / 1000));
  const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
  // Not announced: a screen reader would read every second.
  return (
    <Typography variant="body2" color="text.secondary" role="timer" aria-live="off">
      {texts.own('signIn.codeEnds', { time })}
    </Typography>
  );
}

function Code(props: {
  readonly code: string;
  readonly uri: string;
  readonly until: number;
  onCancel(): void;
}) {
  const { code, uri, until, onCancel } = props;
  const texts = useTexts();
  return (
    <Box sx={{ border: 1, borderColor: 'divider', borderRadius: 1, p: 2 }}>
      <Typography>{texts.own('signIn.enterCode')}</Typography>
      <Stack direction="row" spacing={2} sx={{ my: 1, alignItems: 'center', flexWrap: 'wrap', rowGap: 1 }}>
        <Typography
          component="strong"
          data-user-code
          sx={{ fontSize: '1.75rem', fontFamily: 'monospace', letterSpacing: '0.08em' }}
        >
          {code}
        </Typography>
        <CopyButton text={code} of={texts.own('signIn.code')} />
      </Stack>
      <Link href={uri} target="_blank" rel="noreferrer" sx={{ overflowWrap: 'anywhere' }}>
        {uri} <OpenInNew aria-hidden sx={{ fontSize: 16, verticalAlign: '-2px' }} />
      </Link>
      <Stack direction="row" spacing={2} sx={{ mt: 1.5, alignItems: 'center' }}>
        <Countdown until={until} />
        <Button size="small" color="inherit" onClick={onCancel}>
          {texts.own('cancel')}
        </Button>
      </Stack>
    </Box>
  );
}

export function DevicePanel(props: DevicePanelProps) {
  const { connection, keep, signedIn, isReady, onSignedIn, onDisconnect } = props;
  const texts = useTexts();
  const stream = useStream();
  const lines = stream.lines;
  const code = lines.find(({ step }) => step === 'code');
  const kept = lines.find(({ step }) => step === 'signed-in')?.signedIn;
  const verified = lines.find(({ step }) => step === 'verified');
  const isRunning = stream.state === 'running';
  const told = useRef<CompletedSignIn>(undefined);
  useEffect(() => {
    if (kept === undefined || told.current === kept) return;
    told.current = kept;
    onSignedIn(kept);
  }, [kept, onSignedIn]);
  const start = (): void => {
    if (isReady()) stream.start('sign-in/device', { connection, keep });
  };
  return (
    <Stack spacing={2}>
      {!keep && (
        <Typography variant="body2" color="text.secondary">
          {texts.own('signIn.verifyLead')}
        </Typography>
      )}
      {signedIn !== undefined && (
        <SignedInCard signedIn={signedIn} isBusy={isRunning} onRenew={start} onDisconnect={onDisconnect} />
      )}
      {signedIn === undefined && !isRunning && (
        <div>
          <Button variant={keep ? 'contained' : 'outlined'} startIcon={<Devices />} onClick={start}>
            {texts.own(keep ? 'signIn.startCode' : 'signIn.verify')}
          </Button>
        </div>
      )}
      <Box aria-live="polite">
        {isRunning && code === undefined && <Typography>{texts.own('signIn.fetchingCode')}</Typography>}
        {isRunning && code !== undefined && (
          <Code
            code={code.userCode ?? ''}
            uri={code.verificationUri ?? ''}
            until={code.expiresAt ?? 0}
            onCancel={stream.cancel}
          />
        )}
        {stream.state === 'cancelled' && <Alert severity="info">{texts.own('signIn.cancelled')}</Alert>}
        {verified !== undefined && (
          <Alert severity="success" data-verified={verified.userName}>
            {texts.own('signIn.verified', { userName: verified.userName ?? '' })}
          </Alert>
        )}
        {stream.error !== undefined && <FailureNotice error={stream.error} />}
      </Box>
    </Stack>
  );
}

/** Connect for methods with a sign-in in the browser: the redirect URI to register, the button, and who is signed in. */
import Login from '@mui/icons-material/Login';
import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import CircularProgress from '@mui/material/CircularProgress';
import Link from '@mui/material/Link';
import Stack from '@mui/material/Stack';
import Typography from '@mui/material/Typography';
import { useEffect, useState } from 'react';
import type { CompletedSignIn, SignedIn } from '../../server/calls.js';
import { redirectUri, registrable } from '../../server/home.js';
import { useTexts } from '../../texts/context.js';
import { CopyButton } from '../CopyButton.js';
import { FailureNotice } from '../FailureNotice.js';
import { SignedInCard } from './SignedInCard.js';
import { useBrowserSignIn } from './use-browser-sign-in.js';

export interface ConnectPanelProps {
  readonly connection: object;
  readonly signedIn: SignedIn | undefined;
  /** With a secret, the app registration is one of the platform Web. */
  readonly isWeb: boolean;
  isReady(): boolean;
  onSignedIn(signedIn: CompletedSignIn): void;
  onDisconnect(): void;
}

function RedirectUri({ isWeb }: { readonly isWeb: boolean }) {
  const texts = useTexts();
  const [uri, setUri] = useState('');
  useEffect(() => {
    redirectUri().then(
      (found) => setUri(registrable(found)),
      () => setUri(''),
    );
  }, []);
  return (
    <Box>
      <Typography sx={{ fontWeight: 600 }}>{texts.own('signIn.redirectUri')}</Typography>
      <Typography variant="body2" color="text.secondary">
        {texts.own(isWeb ? 'signIn.platformWeb' : 'signIn.platformPublic')}
      </Typography>
      <Stack
        direction="row"
        spacing={1.5}
        sx={{ mt: 0.75, alignItems: 'center', flexWrap: 'wrap', rowGap: 1 }}
      >
        <Box component="code" data-redirect-uri sx={{ overflowWrap: 'anywhere', minWidth: 0 }}>
          {uri}
        </Box>
        <CopyButton text={uri} of={texts.own('signIn.redirectUri')} />
      </Stack>
    </Box>
  );
}

export function ConnectPanel(props: ConnectPanelProps) {
  const { connection, signedIn, isWeb, isReady, onSignedIn, onDisconnect } = props;
  const texts = useTexts();
  const attempt = useBrowserSignIn(onSignedIn);
  const start = (): void => {
    if (isReady()) attempt.start(connection);
  };
  const isOther = attempt.error?.failure?.code === 'signed-in-as-other-account';
  return (
    <Stack spacing={2}>
      <RedirectUri isWeb={isWeb} />
      {signedIn !== undefined && (
        <SignedInCard
          signedIn={signedIn}
          isBusy={attempt.isRunning}
          onRenew={start}
          onDisconnect={onDisconnect}
        />
      )}
      {signedIn === undefined && !attempt.isRunning && (
        <div>
          <Button variant="contained" startIcon={<Login />} onClick={start}>
            {texts.own('signIn.start')}
          </Button>
        </div>
      )}
      <Box aria-live="polite">
        {attempt.isRunning && (
          <Alert severity="info" icon={<CircularProgress size={20} />}>
            <Typography>
              {texts.own(attempt.link === undefined ? 'signIn.waiting' : 'signIn.blocked')}
            </Typography>
            {attempt.link !== undefined && (
              <Link href={attempt.link} target="_blank" rel="noreferrer">
                {texts.own('signIn.open')}
              </Link>
            )}
            <Box sx={{ mt: 1 }}>
              <Button size="small" color="inherit" onClick={attempt.reset}>
                {texts.own('cancel')}
              </Button>
            </Box>
          </Alert>
        )}
        {attempt.error !== undefined && (
          <FailureNotice
            error={attempt.error}
            {...(isOther ? { hint: texts.own('signIn.otherAccount') } : {})}
          />
        )}
      </Box>
    </Stack>
  );
}

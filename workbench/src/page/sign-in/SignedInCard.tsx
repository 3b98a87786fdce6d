/** Who is signed in, since when and for how long, with the ways to renew and to end it. */
import Logout from '@mui/icons-material/Logout';
import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import Stack from '@mui/material/Stack';
import Typography from '@mui/material/Typography';
import type { SignedIn } from '../../server/calls.js';
import { useTexts } from '../../texts/context.js';

export interface SignedInCardProps {
  readonly signedIn: SignedIn;
  readonly isBusy: boolean;
  onRenew(): void;
  onDisconnect(): void;
}

export function SignedInCard({ signedIn, isBusy, onRenew, onDisconnect }: SignedInCardProps) {
  const texts = useTexts();
  const { userName, signedInAt, idleUntil } = signedIn;
  return (
    <Alert severity="success" data-signed-in={userName}>
      <Typography sx={{ fontWeight: 600, overflowWrap: 'anywhere' }}>
        {texts.own('signIn.as', { userName })}
      </Typography>
      <Typography variant="body2">
        {texts.own('signIn.since', { since: texts.moment(signedInAt), until: texts.day(idleUntil) })}
      </Typography>
      <Stack direction="row" spacing={1} sx={{ mt: 1.5, flexWrap: 'wrap', rowGap: 1 }}>
        <Button size="small" variant="outlined" color="inherit" disabled={isBusy} onClick={onRenew}>
          {texts.own('signIn.renew')}
        </Button>
        <Button size="small" color="inherit" disabled={isBusy} startIcon={<Logout />} onClick={onDisconnect}>
          {texts.own('signIn.disconnect')}
        </Button>
      </Stack>
    </Alert>
  );
}

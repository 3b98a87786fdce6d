/** Below the connection's form: signing in, in the way that the chosen method does it, and what ends soon. */
import Box from '@mui/material/Box';
import Stack from '@mui/material/Stack';
import Typography from '@mui/material/Typography';
import { useCallback, useEffect } from 'react';
import type { Manifest } from '../../../../src/generated/types.js';
import type { FormState } from '../../form/use-form.js';
import { call, type CompletedSignIn } from '../../server/calls.js';
import { useTexts } from '../../texts/context.js';
import { authMethodOf, hasClientSecret, hasSession, withSession } from '../connection-values.js';
import { FailureNotice } from '../FailureNotice.js';
import { useCall } from '../use-call.js';
import { ConnectPanel } from './ConnectPanel.js';
import { DevicePanel } from './DevicePanel.js';
import { ExpiryNotice } from './ExpiryNotice.js';
import { useStatus } from './use-status.js';

export interface SignInPanelProps {
  readonly methods: Manifest['connectionTypes'][number]['authMethods'];
  readonly state: FormState;
  isReady(): boolean;
}

export function SignInPanel({ methods, state, isReady }: SignInPanelProps) {
  const texts = useTexts();
  const { cleaned, update } = state;
  const status = useStatus(cleaned, state.problems.size === 0);
  const disconnecting = useCall<true>();
  const method = authMethodOf(cleaned, methods);
  const isConnected = hasSession(cleaned);
  const signedIn = isConnected ? (status?.signedIn ?? undefined) : undefined;
  const onSignedIn = useCallback(
    ({ session }: CompletedSignIn) => update((values) => withSession(values, session)),
    [update],
  );
  const { reset } = disconnecting;
  // What another method did or failed to do says nothing about this one.
  useEffect(reset, [method?.id]);
  if (method === undefined) return null;
  // An app signs in by itself: Test is its proof.
  if (method.identity === 'app') {
    return status === undefined ? null : <ExpiryNotice expiries={status.expiries} />;
  }
  const keepsSignIn = method.grant === 'authorization_code' || method.grant === 'device_code';
  const onDisconnect = (): void =>
    disconnecting.run(async (signal) => {
      await call('sign-in/disconnect', texts.language, { connection: cleaned }, signal);
      update((values) => withSession(values, undefined));
      return true;
    });
  const common = { connection: cleaned, signedIn, isReady, onSignedIn, onDisconnect };
  return (
    <Stack spacing={2} sx={{ mt: 4, pt: 3, borderTop: 1, borderColor: 'divider' }}>
      {status !== undefined && <ExpiryNotice expiries={status.expiries} />}
      <Typography variant="h3">{texts.own(keepsSignIn ? 'signIn.title' : 'signIn.verifyTitle')}</Typography>
      {method.grant === 'authorization_code' ? (
        <ConnectPanel key={method.id} {...common} isWeb={hasClientSecret(cleaned)} />
      ) : (
        <DevicePanel key={method.id} {...common} keep={keepsSignIn} />
      )}
      <Box aria-live="polite">
        {disconnecting.error !== undefined && <FailureNotice error={disconnecting.error} />}
        {disconnecting.answer !== undefined && !isConnected && (
          <Typography>{texts.own('signIn.disconnected')}</Typography>
        )}
      </Box>
    </Stack>
  );
}

/** Warns about what ends soon, in the words in which Test warns about it. */
import Alert from '@mui/material/Alert';
import Stack from '@mui/material/Stack';
import Typography from '@mui/material/Typography';
import { renderFailure } from '../../../../src/manifest/problems.js';
import type { Expiry } from '../../server/calls.js';
import { useTexts } from '../../texts/context.js';

/** From when on a person is told, in days ahead; as in the stage "expiry" of Test. */
const WARN_DAYS = 30;

export function ExpiryNotice({ expiries }: { readonly expiries: readonly Expiry[] }) {
  const texts = useTexts();
  const soon = expiries.filter(({ days }) => days < WARN_DAYS);
  if (soon.length === 0) return null;
  return (
    <Stack spacing={1.5}>
      {soon.map(({ what, date, days }) => {
        const { title, cause, remedy } = renderFailure(
          {
            kind: 'config',
            code: what === 'sign-in' ? 'sign-in-ends-soon' : 'expires-soon',
            actor: 'entra-admin',
            retryable: false,
            parameters: { what, date: texts.day(date), days },
          },
          texts,
        );
        return (
          <Alert key={what} severity={days < 0 ? 'error' : 'warning'} data-expiry={what}>
            <Typography sx={{ fontWeight: 600 }}>
              {days < 0 ? texts.own('signIn.over', { date: texts.day(date) }) : title}
            </Typography>
            <Typography variant="body2">{cause}</Typography>
            <Typography variant="body2">{remedy}</Typography>
          </Alert>
        );
      })}
    </Stack>
  );
}

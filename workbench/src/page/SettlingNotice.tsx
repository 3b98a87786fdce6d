/** Says that a change may still be on its way at Microsoft, and offers to test again until it has arrived. */
import HourglassEmpty from '@mui/icons-material/HourglassEmpty';
import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import Typography from '@mui/material/Typography';
import { useTexts } from '../texts/context.js';
import type { Watch } from './use-watch.js';

export interface SettlingNoticeProps {
  /** ISO 8601; absent when nobody has said yet that something was changed. */
  readonly until: string | undefined;
  readonly watch: Watch;
  onWatch(): void;
}

export function SettlingNotice({ until, watch, onWatch }: SettlingNoticeProps) {
  const texts = useTexts();
  return (
    <Alert severity="info" icon={<HourglassEmpty />} sx={{ mb: 1 }} data-settling={until ?? ''}>
      {until !== undefined && (
        <Typography>{texts.own('watch.settling', { until: texts.moment(until) })}</Typography>
      )}
      {until === undefined && !watch.isOn && <Typography>{texts.own('watch.changed')}</Typography>}
      {watch.isOn && <Typography>{texts.own('watch.on')}</Typography>}
      <Button
        size="small"
        variant="outlined"
        color="inherit"
        sx={{ mt: 1 }}
        onClick={watch.isOn ? watch.stop : onWatch}
      >
        {texts.own(watch.isOn ? 'watch.stop' : 'watch.start')}
      </Button>
    </Alert>
  );
}

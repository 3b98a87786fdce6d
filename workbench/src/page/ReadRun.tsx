/** A run that reads: the records as they come. Nothing in the mailbox changes, since nothing is settled. */
import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Typography from '@mui/material/Typography';
import type { Values } from '../form/values.js';
import { useTexts } from '../texts/context.js';
import { RecordTable } from './RecordTable.js';
import { RunBar } from './RunBar.js';
import { useStream } from './use-stream.js';

export interface RunProps {
  readonly activity: string;
  readonly connection: Values;
  readonly config: Values;
  isReady(): boolean;
}

export function ReadRun({ activity, connection, config, isReady }: RunProps) {
  const texts = useTexts();
  const stream = useStream();
  const records = stream.lines.flatMap(({ record }) => (record === undefined ? [] : [record]));
  return (
    <Box>
      <Typography variant="h3">{texts.own('run.title')}</Typography>
      <Typography color="text.secondary" sx={{ mt: 0.5, mb: 2 }}>
        {texts.own('run.readLead')}
      </Typography>
      <RunBar
        stream={stream}
        label={texts.own('run.start')}
        onRun={() => {
          if (isReady()) stream.start(`run/${activity}`, { connection, config, activity: 'form' });
        }}
      />
      <Box sx={{ mt: 3 }}>
        {records.length > 0 && <RecordTable records={records} />}
        {stream.state === 'done' && records.length === 0 && (
          <Alert severity="info">{texts.own('run.noRecords')}</Alert>
        )}
      </Box>
    </Box>
  );
}

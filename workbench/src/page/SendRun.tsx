/** A run that sends: the form of one request, and what became of it for each recipient. */
import Box from '@mui/material/Box';
import Typography from '@mui/material/Typography';
import { useMemo } from 'react';
import { ConnectorForm } from '../form/ConnectorForm.js';
import { focusFirstProblem, useForm } from '../form/use-form.js';
import { createFormValidator } from '../form/validator.js';
import { defaultsOf } from '../form/values.js';
import type { FormDescription, Validators } from '../server/description.js';
import { useTexts } from '../texts/context.js';
import { Outcome } from './Outcome.js';
import type { RunProps } from './ReadRun.js';
import { RunBar } from './RunBar.js';
import { useStream } from './use-stream.js';

export interface SendRunProps extends RunProps {
  readonly form: FormDescription;
  readonly validators: Validators;
}

export function SendRun({ activity, form, validators, connection, config, isReady }: SendRunProps) {
  const texts = useTexts();
  const stream = useStream();
  const id = `${activity}.request`;
  const state = useForm(form, validators[id], texts, () => defaultsOf(form.schema));
  const validator = useMemo(() => createFormValidator(id, form, validators), [id, form, validators]);
  return (
    <Box>
      <Typography variant="h3">{texts.own('run.title')}</Typography>
      <Typography color="text.secondary" sx={{ mt: 0.5, mb: 3 }}>
        {texts.own('run.sendLead')}
      </Typography>
      <Box sx={{ maxWidth: 640, mb: 3 }}>
        <ConnectorForm
          id={id}
          form={form}
          validator={validator}
          state={state}
          list={() => Promise.resolve([])}
          listKey=""
        />
      </Box>
      <RunBar
        stream={stream}
        label={texts.own('run.start')}
        onRun={() => {
          if (!state.attempt()) focusFirstProblem(id);
          else if (isReady()) {
            stream.start(`run/${activity}`, { connection, config, requests: [state.cleaned] });
          }
        }}
      />
      <Box aria-live="polite" sx={{ mt: 3 }}>
        {stream.lines.map(
          ({ response }) => response !== undefined && <Outcome key={response.index} response={response} />,
        )}
      </Box>
    </Box>
  );
}

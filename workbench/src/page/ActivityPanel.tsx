/** One activity: its settings step by step, then a run on the connection above. */
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Divider from '@mui/material/Divider';
import Stack from '@mui/material/Stack';
import Step from '@mui/material/Step';
import StepButton from '@mui/material/StepButton';
import StepLabel from '@mui/material/StepLabel';
import Stepper from '@mui/material/Stepper';
import Typography from '@mui/material/Typography';
import useMediaQuery from '@mui/material/useMediaQuery';
import { useEffect, useMemo, useState } from 'react';
import type { ManifestActivity } from '../../../src/generated/types.js';
import { ConnectorForm } from '../form/ConnectorForm.js';
import { focusFirstProblem, useForm } from '../form/use-form.js';
import { createFormValidator } from '../form/validator.js';
import { defaultsOf, type Values } from '../form/values.js';
import { listEntries } from '../server/calls.js';
import type { Description, Validators } from '../server/description.js';
import { useTexts } from '../texts/context.js';
import { ReadRun } from './ReadRun.js';
import { SchemaTree } from './SchemaTree.js';
import { SendRun } from './SendRun.js';

export interface ActivityPanelProps {
  readonly activity: ManifestActivity;
  readonly description: Description;
  readonly validators: Validators;
  readonly connection: Values;
  isConnectionReady(): boolean;
  /** Called with the settings whenever they are valid. */
  onConfig(config: Values): void;
}

export function ActivityPanel(props: ActivityPanelProps) {
  const { activity, description, validators, connection, isConnectionReady, onConfig } = props;
  const texts = useTexts();
  const id = `${activity.id}.config`;
  const form = description.forms[id];
  const requestForm = description.forms[`${activity.id}.request`];
  if (form === undefined || requestForm === undefined) throw new Error(`No forms for ${activity.id}`);
  const state = useForm(form, validators[id], texts, () => ({
    ...defaultsOf(form.schema),
    ...(description.preset?.activities?.[activity.id] as Values | undefined),
  }));
  const validator = useMemo(() => createFormValidator(id, form, validators), [id, form, validators]);
  const [active, setActive] = useState(0);
  const step = activity.steps[active];
  const isNarrow = useMediaQuery('(max-width: 640px)');
  const isReview = step?.fields.length === 0;

  useEffect(() => {
    if (state.problems.size === 0) onConfig(state.cleaned);
    // Only a change of the settings is news; the callback is another one at each drawing.
  }, [state.cleaned]);

  const dependsOn = description.manifest.pickLists.flatMap((list) => list.dependsOn ?? []);
  const dependencies = Object.fromEntries(
    dependsOn.flatMap((name) => (state.cleaned[name] === undefined ? [] : [[name, state.cleaned[name]]])),
  );

  /** True when settings and connection can be used; otherwise the reader is led to what is wrong. */
  const isReady = (): boolean => {
    if (!state.attempt()) {
      const troubled = new Set([...state.problems.keys()].map((pointer) => pointer.split('/')[1]));
      setActive(
        Math.max(
          0,
          activity.steps.findIndex(({ fields }) => fields.some((name) => troubled.has(name))),
        ),
      );
      focusFirstProblem(id);
      return false;
    }
    return isConnectionReady();
  };
  const run = { connection, config: state.cleaned, isReady };

  return (
    <Box>
      <Typography color="text.secondary" sx={{ mb: 3 }}>
        {texts.text(`${activity.messages}.description`)}
      </Typography>
      <Stepper
        nonLinear
        activeStep={active}
        orientation={isNarrow ? 'vertical' : 'horizontal'}
        sx={{ mb: 4, maxWidth: 760, '& .MuiStepConnector-vertical': { display: 'none' } }}
      >
        {activity.steps.map(({ id: stepId, fields }, index) => {
          const isTroubled = [...state.shown.keys()].some((pointer) =>
            fields.includes(pointer.split('/')[1] ?? ''),
          );
          return (
            <Step key={stepId} completed={false}>
              <StepButton
                onClick={() => setActive(index)}
                {...(index === active ? { 'aria-current': 'step' } : {})}
              >
                <StepLabel error={isTroubled}>
                  {texts.text(`${activity.messages}.steps.${stepId}.name`)}
                </StepLabel>
              </StepButton>
            </Step>
          );
        })}
      </Stepper>
      {isReview ? (
        <Box
          sx={{
            display: 'grid',
            gap: 4,
            gridTemplateColumns: { xs: 'minmax(0, 1fr)', md: 'repeat(2, minmax(0, 1fr))' },
          }}
        >
          <SchemaTree title={texts.own('review.request')} schema={requestForm.schema} />
          <SchemaTree
            title={texts.own('review.response')}
            schema={description.responses[activity.id] ?? {}}
          />
        </Box>
      ) : (
        <Box sx={{ maxWidth: 640 }}>
          <ConnectorForm
            id={id}
            form={form}
            validator={validator}
            state={state}
            fields={step?.fields ?? []}
            list={(pickList, signal) =>
              listEntries(pickList, texts.language, { connection, config: dependencies }, signal)
            }
            listKey={JSON.stringify([connection, dependencies, texts.language])}
          />
        </Box>
      )}
      <Stack direction="row" spacing={1.5} sx={{ mt: 4 }}>
        <Button
          disabled={active === 0}
          color="inherit"
          variant="outlined"
          onClick={() => setActive(active - 1)}
        >
          {texts.own('steps.back')}
        </Button>
        <Button
          disabled={active === activity.steps.length - 1}
          variant="outlined"
          onClick={() => setActive(active + 1)}
        >
          {texts.own('steps.next')}
        </Button>
      </Stack>
      <Divider sx={{ my: 4 }} />
      {activity.polarity === 'source' ? (
        <ReadRun activity={activity.id} {...run} />
      ) : (
        <SendRun activity={activity.id} form={requestForm} validators={validators} {...run} />
      )}
    </Box>
  );
}

/** The connection: its form, and its test beside it. */
import Box from '@mui/material/Box';
import Stack from '@mui/material/Stack';
import Typography from '@mui/material/Typography';
import { useMemo } from 'react';
import type { FormState } from '../form/use-form.js';
import { ConnectorForm } from '../form/ConnectorForm.js';
import { createFormValidator } from '../form/validator.js';
import type { Description, FormDescription, Validators } from '../server/description.js';
import { useTexts } from '../texts/context.js';
import { allMailboxesOf } from './connection-values.js';
import { Section } from './Section.js';
import { SetupKit } from './setup/SetupKit.js';
import { SignInPanel } from './sign-in/SignInPanel.js';
import { TestPanel } from './TestPanel.js';

export interface ConnectionSectionProps {
  readonly id: string;
  readonly description: Description;
  readonly validators: Validators;
  readonly form: FormDescription;
  readonly state: FormState;
  readonly activities: readonly { readonly id: string; readonly config: unknown }[];
  isReady(): boolean;
}

export function ConnectionSection(props: ConnectionSectionProps) {
  const { id, description, validators, form, state, activities, isReady } = props;
  const texts = useTexts();
  const validator = useMemo(() => createFormValidator(id, form, validators), [id, form, validators]);
  const input = { connection: state.cleaned, ...(activities.length > 0 ? { activities } : {}) };
  const [type] = description.manifest.connectionTypes;
  return (
    <Section title={texts.text(`${type.messages}.name`)} lead={texts.text(`${type.messages}.description`)}>
      <Box
        sx={{
          display: 'grid',
          gap: { xs: 4, md: 6 },
          gridTemplateColumns: { xs: 'minmax(0, 1fr)', md: 'minmax(0, 5fr) minmax(0, 6fr)' },
        }}
      >
        <Box>
          <ConnectorForm
            id={id}
            form={form}
            validator={validator}
            state={state}
            list={() => Promise.resolve([])}
            listKey=""
          />
          <SignInPanel methods={type.authMethods} state={state} isReady={isReady} />
        </Box>
        <TestPanel
          stages={type.test.stages}
          problems={state.shown.size}
          input={input}
          mailboxes={allMailboxesOf(state.cleaned)}
          setupFailures={description.setupFailures}
          isReady={isReady}
        />
      </Box>
      <Stack spacing={1.5} sx={{ mt: 4, pt: 3, borderTop: 1, borderColor: 'divider' }}>
        <Typography variant="h3">{texts.own('kit.title')}</Typography>
        <Typography color="text.secondary" sx={{ maxWidth: '70ch' }}>
          {texts.own('kit.lead')}
        </Typography>
        <SetupKit input={input} label={texts.own('kit.make')} />
      </Stack>
    </Section>
  );
}

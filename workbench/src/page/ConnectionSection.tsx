/** The connection: its form, and its test beside it. */
import Box from '@mui/material/Box';
import { useMemo } from 'react';
import type { FormState } from '../form/use-form.js';
import { ConnectorForm } from '../form/ConnectorForm.js';
import { createFormValidator } from '../form/validator.js';
import type { Description, FormDescription, Validators } from '../server/description.js';
import { useTexts } from '../texts/context.js';
import { Section } from './Section.js';
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
        <ConnectorForm
          id={id}
          form={form}
          validator={validator}
          state={state}
          list={() => Promise.resolve([])}
          listKey=""
        />
        <TestPanel
          stages={type.test.stages}
          problems={state.shown.size}
          input={{ connection: state.cleaned, ...(activities.length > 0 ? { activities } : {}) }}
          isReady={isReady}
        />
      </Box>
    </Section>
  );
}

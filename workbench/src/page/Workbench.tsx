/** The page's frame: connection first, then the activities that use it. Owns: the values that both share. */
import Alert from '@mui/material/Alert';
import AppBar from '@mui/material/AppBar';
import Box from '@mui/material/Box';
import Container from '@mui/material/Container';
import MenuItem from '@mui/material/MenuItem';
import Select from '@mui/material/Select';
import Stack from '@mui/material/Stack';
import Tab from '@mui/material/Tab';
import Tabs from '@mui/material/Tabs';
import Typography from '@mui/material/Typography';
import { useEffect, useState } from 'react';
import { focusFirstProblem, useForm } from '../form/use-form.js';
import { defaultsOf, type Values } from '../form/values.js';
import type { Description, Validators } from '../server/description.js';
import { useTexts } from '../texts/context.js';
import { ActivityPanel } from './ActivityPanel.js';
import { ConnectionSection } from './ConnectionSection.js';
import { Section } from './Section.js';

export interface WorkbenchProps {
  readonly description: Description;
  readonly validators: Validators;
  onLanguage(language: string): void;
}

const CONNECTION = 'connection';

export function Workbench({ description, validators, onLanguage }: WorkbenchProps) {
  const texts = useTexts();
  const { manifest, forms, preset, languages, language } = description;
  const connectionForm = forms[CONNECTION];
  if (connectionForm === undefined) throw new Error('The manifest describes no connection type.');
  const connection = useForm(connectionForm, validators[CONNECTION], texts, () => ({
    ...defaultsOf(connectionForm.schema),
    ...(preset?.connection as Values | undefined),
  }));
  const [configs, setConfigs] = useState<Readonly<Record<string, Values>>>({});
  const [open, setOpen] = useState(manifest.activities[0]?.id ?? '');
  const name = texts.text(`${manifest.messages}.name`);
  useEffect(() => {
    document.title = name;
  }, [name]);

  /** True when the connection can be used; otherwise the reader is led to what is missing. */
  const isConnectionReady = (): boolean => {
    const ready = connection.attempt();
    if (!ready) focusFirstProblem(CONNECTION);
    return ready;
  };

  return (
    <>
      <AppBar
        position="static"
        color="inherit"
        elevation={0}
        sx={{ borderBottom: 1, borderColor: 'divider', bgcolor: 'background.paper' }}
      >
        <Container maxWidth="lg">
          <Stack direction="row" spacing={1.5} sx={{ alignItems: 'center', minHeight: 64 }}>
            <Box component="img" src="/icon.svg" alt="" sx={{ width: 32, height: 32 }} />
            <Typography variant="h1" sx={{ flex: 1 }}>
              {name}
            </Typography>
            <Select
              size="small"
              value={language}
              onChange={({ target }) => onLanguage(target.value)}
              inputProps={{ 'aria-label': texts.own('language') }}
            >
              {languages.map((one) => (
                <MenuItem key={one} value={one} lang={one}>
                  {new Intl.DisplayNames([one], { type: 'language' }).of(one)}
                </MenuItem>
              ))}
            </Select>
          </Stack>
        </Container>
      </AppBar>
      <Container component="main" maxWidth="lg" sx={{ py: { xs: 3, md: 4 } }}>
        <Stack spacing={{ xs: 3, md: 4 }}>
          {preset?.note !== undefined && <Alert severity="info">{preset.note}</Alert>}
          <ConnectionSection
            id={CONNECTION}
            description={description}
            validators={validators}
            form={connectionForm}
            state={connection}
            activities={manifest.activities.flatMap(({ id }) =>
              configs[id] === undefined ? [] : [{ id, config: configs[id] }],
            )}
            isReady={isConnectionReady}
          />
          <Section title={texts.own('activities.title')} lead={texts.own('activities.lead')}>
            <Tabs
              value={open}
              onChange={(_event, chosen: string) => setOpen(chosen)}
              aria-label={texts.own('activities.title')}
              sx={{ borderBottom: 1, borderColor: 'divider', mb: 3 }}
            >
              {manifest.activities.map(({ id, messages }) => (
                <Tab
                  key={id}
                  value={id}
                  id={`tab-${id}`}
                  aria-controls={`panel-${id}`}
                  label={texts.text(`${messages}.name`)}
                />
              ))}
            </Tabs>
            {/* Both stay in the page: what was typed and read is still there after looking at the other. */}
            {manifest.activities.map((activity) => (
              <Box
                key={activity.id}
                role="tabpanel"
                id={`panel-${activity.id}`}
                aria-labelledby={`tab-${activity.id}`}
                hidden={activity.id !== open}
              >
                <ActivityPanel
                  activity={activity}
                  description={description}
                  validators={validators}
                  connection={connection.cleaned}
                  isConnectionReady={isConnectionReady}
                  onConfig={(config) => setConfigs((before) => ({ ...before, [activity.id]: config }))}
                />
              </Box>
            ))}
          </Section>
        </Stack>
      </Container>
    </>
  );
}

/** A part of the page with its heading. */
import Paper from '@mui/material/Paper';
import Typography from '@mui/material/Typography';
import { useId, type ReactNode } from 'react';

export function Section(props: {
  readonly title: string;
  readonly lead?: string;
  readonly children: ReactNode;
}) {
  const id = useId();
  return (
    <Paper
      component="section"
      aria-labelledby={id}
      elevation={0}
      sx={{ border: 1, borderColor: 'divider', p: { xs: 2, sm: 3, md: 4 } }}
    >
      <Typography variant="h2" id={id}>
        {props.title}
      </Typography>
      {props.lead !== undefined && (
        <Typography color="text.secondary" sx={{ mt: 0.5, mb: 3, maxWidth: '70ch' }}>
          {props.lead}
        </Typography>
      )}
      {props.children}
    </Paper>
  );
}

/** The page: loads what it draws, and holds the language and the colours. */
import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import CircularProgress from '@mui/material/CircularProgress';
import CssBaseline from '@mui/material/CssBaseline';
import { ThemeProvider } from '@mui/material/styles';
import useMediaQuery from '@mui/material/useMediaQuery';
import { useEffect, useMemo, useState } from 'react';
import { loadDescription, loadValidators, type Description, type Validators } from '../server/description.js';
import { TextsContext } from '../texts/context.js';
import { createTexts } from '../texts/texts.js';
import { createPageTheme } from './theme.js';
import { Workbench } from './Workbench.js';

const LANGUAGE_KEY = 'language';

interface Loaded {
  readonly description: Description;
  readonly validators: Validators;
}

export function App() {
  const isDark = useMediaQuery('(prefers-color-scheme: dark)', { noSsr: true });
  const theme = useMemo(() => createPageTheme(isDark), [isDark]);
  const [language, setLanguage] = useState(() => localStorage.getItem(LANGUAGE_KEY) ?? navigator.language);
  const [loaded, setLoaded] = useState<Loaded>();
  const [isFailed, setFailed] = useState(false);

  useEffect(() => {
    let isCurrent = true;
    Promise.all([loadDescription(language), loadValidators()]).then(
      ([description, validators]) => {
        if (!isCurrent) return;
        document.documentElement.lang = description.language;
        setLoaded({ description, validators });
        setFailed(false);
      },
      () => isCurrent && setFailed(true),
    );
    return () => {
      isCurrent = false;
    };
  }, [language]);

  const texts = useMemo(
    () => createTexts(loaded?.description.texts ?? {}, loaded?.description.language ?? 'en'),
    [loaded],
  );
  return (
    <ThemeProvider theme={theme}>
      <CssBaseline />
      <TextsContext value={texts}>
        {loaded !== undefined && (
          <Workbench
            {...loaded}
            onLanguage={(chosen) => {
              localStorage.setItem(LANGUAGE_KEY, chosen);
              setLanguage(chosen);
            }}
          />
        )}
        {loaded === undefined && !isFailed && (
          <Box sx={{ display: 'grid', placeItems: 'center', minHeight: '60vh' }}>
            <CircularProgress aria-label="…" />
          </Box>
        )}
        {/* No text of any language has arrived: this one line is the page's only own text. */}
        {isFailed && loaded === undefined && (
          <Alert severity="error" sx={{ maxWidth: 600, mx: 'auto', mt: 8 }}>
            The connector’s server does not answer. Start it again, then reload this page.
          </Alert>
        )}
      </TextsContext>
    </ThemeProvider>
  );
}

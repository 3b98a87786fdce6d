/** Colours, spacing and shapes, light and dark. Contrast of text is at least 4.5:1 in both. */
import { createTheme, type Theme } from '@mui/material/styles';

export function createPageTheme(isDark: boolean): Theme {
  const line = isDark ? '#3b4048' : '#d5d9df';
  return createTheme({
    palette: {
      mode: isDark ? 'dark' : 'light',
      primary: isDark ? { main: '#62abf5', contrastText: '#04203b' } : { main: '#0f6cbd' },
      success: { main: isDark ? '#6ccb7f' : '#0e700e' },
      warning: { main: isDark ? '#f2b75c' : '#8a5300' },
      error: { main: isDark ? '#f1838b' : '#b3261e' },
      background: isDark
        ? { default: '#15181c', paper: '#1d2126' }
        : { default: '#f5f6f8', paper: '#ffffff' },
      text: isDark
        ? { primary: '#eef0f3', secondary: '#aeb5bf' }
        : { primary: '#1b1f24', secondary: '#565e69' },
      divider: line,
    },
    shape: { borderRadius: 8 },
    typography: {
      fontFamily:
        '"Segoe UI Variable Text", "Segoe UI", system-ui, -apple-system, Roboto, "Helvetica Neue", sans-serif',
      fontSize: 14,
      h1: { fontSize: '1.125rem', fontWeight: 600 },
      h2: { fontSize: '1.375rem', fontWeight: 600 },
      h3: { fontSize: '1.0625rem', fontWeight: 600 },
      h4: { fontSize: '0.9375rem', fontWeight: 600 },
      button: { textTransform: 'none', fontWeight: 600 },
    },
    components: {
      MuiCssBaseline: {
        styleOverrides: {
          ':root': { colorScheme: isDark ? 'dark' : 'light' },
          '.visually-hidden': {
            position: 'absolute',
            width: 1,
            height: 1,
            overflow: 'hidden',
            clipPath: 'inset(50%)',
            whiteSpace: 'nowrap',
          },
        },
      },
      MuiButtonBase: {
        defaultProps: { disableRipple: true },
        styleOverrides: {
          root: { '&.Mui-focusVisible': { outline: '2px solid currentColor', outlineOffset: 2 } },
        },
      },
      MuiButton: { defaultProps: { disableElevation: true } },
      MuiPaper: { styleOverrides: { root: { backgroundImage: 'none' } } },
      MuiOutlinedInput: {
        styleOverrides: {
          notchedOutline: { borderColor: isDark ? '#6b737e' : '#8a929d' },
          input: { '&::placeholder': { opacity: 1, color: isDark ? '#8f97a2' : '#6b7280' } },
        },
      },
      MuiAlert: { defaultProps: { variant: 'outlined' }, styleOverrides: { message: { width: '100%' } } },
      MuiTab: { styleOverrides: { root: { minHeight: 44 } } },
    },
  });
}

/** Starts the page: styles with the page load's nonce, then the description, then the page. */
import createCache from '@emotion/cache';
import { CacheProvider } from '@emotion/react';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './page/App.js';

const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';
const root = document.getElementById('root');
if (root === null) throw new Error('The page has no root element.');

createRoot(root).render(
  <StrictMode>
    <CacheProvider value={createCache({ key: 'm365', nonce })}>
      <App />
    </CacheProvider>
  </StrictMode>,
);

/** Starts the page: under its right address, styles with the page load's nonce, then the description, then the page. */
import createCache from '@emotion/cache';
import { CacheProvider } from '@emotion/react';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './page/App.js';
import { homeAddress } from './server/home.js';

const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';
const root = document.getElementById('root');
if (root === null) throw new Error('The page has no root element.');

const home = await homeAddress();
if (home === undefined) {
  createRoot(root).render(
    <StrictMode>
      <CacheProvider value={createCache({ key: 'm365', nonce })}>
        <App />
      </CacheProvider>
    </StrictMode>,
  );
} else {
  location.replace(home);
}

import { defineConfig } from 'vite';

// The page is served by the connector's own server, which forbids inline scripts and eval: nothing may be inlined.
export default defineConfig({
  // A path from this folder.
  resolve: { alias: { '@rjsf/validator-ajv8': '/src/form/no-validator.ts' } },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200,
    rolldownOptions: {
      onwarn(warning, report) {
        // "use client" is for servers that render React; this page is rendered by the browser alone.
        if (warning.code !== 'MODULE_LEVEL_DIRECTIVE') report(warning);
      },
    },
  },
});

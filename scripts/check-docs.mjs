/** `npm run check:docs`: compiles every ```ts block of README.md and docs/, each as a module of its own. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, runNode } from './workspace.mjs';

const folder = join(ROOT, '.tmp/docs');
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
let blocks = 0;
for (const page of pages) {
  const text = readFileSync(join(ROOT, page), 'utf8');
  for (const [, code] of text.matchAll(/^```ts\n(.*?)^```/gmsu)) {
    blocks += 1;
    writeFileSync(join(folder, `${page.replaceAll(/\W/gu, '-')}-${blocks}.ts`), `${code}\nexport {};\n`);
  }
}
if (blocks === 0) {
  console.error('The docs have no ```ts block any more.');
  process.exit(1);
}
writeFileSync(
  join(folder, 'tsconfig.json'),
  JSON.stringify({
    extends: '../../tsconfig.json',
    compilerOptions: { paths: { 'm365-email-connector': ['../../src/index.ts'] } },
    include: ['*.ts'],
    exclude: [],
  }),
);
runNode([join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', folder]);
console.log(`${blocks} code blocks compile.`);

/**
 * Writes src/generated/: types.ts from schemas/ (every schema with a title becomes one exported type), failures.ts
 * from the failure catalogue in connector.json and replies.ts from the catalogue of servers' answers.
 * `--check` writes nothing and fails when a file is stale. A build step, never run inside Jest
 * (json-schema-to-typescript loads Prettier dynamically, which kills a Jest worker).
 */
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, posix, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compile } from 'json-schema-to-typescript';

const root = fileURLToPath(new URL('..', import.meta.url));
const schemaFiles = readdirSync(join(root, 'schemas'), { recursive: true, encoding: 'utf8' })
  .map((path) => path.split(sep).join('/'))
  .filter((path) => path.endsWith('.schema.json'))
  .sort();

const schemas = new Map(
  schemaFiles.map((path) => [path, JSON.parse(readFileSync(join(root, 'schemas', path), 'utf8'))]),
);

/**
 * One document for all schemas, so that a shape used in many places becomes one type. Notes beside a $ref
 * (description, x-overridable) are dropped here: to the generator they would make it another shape.
 */
function bundle(node, path) {
  if (Array.isArray(node)) return node.map((item) => bundle(item, path));
  if (typeof node !== 'object' || node === null) return node;
  if (typeof node.$ref === 'string') {
    const [file, pointer = ''] = node.$ref.split('#');
    const owner = file === '' ? path : posix.join(posix.dirname(path), file);
    return { $ref: `#/$defs/${schemas.get(owner).title}${pointer}` };
  }
  return Object.fromEntries(
    Object.entries(node)
      .filter(([key]) => key !== '$id' && key !== '$schema')
      .map(([key, value]) => [key, bundle(value, path)]),
  );
}

const everything = {
  title: 'AllSchemas',
  type: 'object',
  additionalProperties: false,
  $defs: Object.fromEntries([...schemas].map(([path, schema]) => [schema.title, bundle(schema, path)])),
  properties: Object.fromEntries(
    [...schemas].map(([path, { title }]) => [path, { $ref: `#/$defs/${title}` }]),
  ),
};

const banner = (from) =>
  `/* Generated from ${from} by scripts/generate-types.mjs. Do not edit: change the source and run \`npm run generate\`. */`;

const types = await compile(everything, 'AllSchemas', {
  bannerComment: banner('schemas/'),
  additionalProperties: false,
  unreachableDefinitions: false,
  style: { singleQuote: true, printWidth: 110 },
});

const readJson = (path) => JSON.parse(readFileSync(join(root, path), 'utf8'));
const { failures, replies: repliesFile } = readJson('connector.json');
const replies = readJson(repliesFile);

const failureEntry = ({ code, kind, actor, docs, settlesWithinMinutes }) => {
  const fields = [
    `kind: '${kind}'`,
    `actor: '${actor}'`,
    ...(docs === undefined ? [] : [`docs: '${docs}'`]),
    ...(settlesWithinMinutes === undefined ? [] : [`settlesWithinMinutes: ${settlesWithinMinutes}`]),
  ];
  return `  '${code}': { ${fields.join(', ')} },`;
};
const failuresFile = [
  banner('connector.json'),
  '',
  '/** Every failure code with its kind, who can remove the cause, where to read on, and how long a change takes to work. */',
  'export const FAILURES = {',
  ...failures.map(failureEntry),
  '} as const;',
  '',
].join('\n');

const tokenEntry = ({ id, sign, code, byMethod }) =>
  `  '${sign}': { id: '${id}', code: '${code}'${byMethod === undefined ? '' : `, byMethod: ${JSON.stringify(byMethod)}`} },`;
const lineEntry = ({ id, pattern, phase, code }) =>
  `    { id: '${id}', pattern: ${String(new RegExp(pattern, 'isu'))}${phase === undefined ? '' : `, phase: '${phase}'`}, code: '${code}' },`;
const protocols = [...new Set(replies.map(({ from }) => from))].filter((from) => from !== 'token');
const repliesSource = [
  banner(repliesFile),
  "import type { FAILURES } from './failures.js';",
  "import type { ReplyEntry } from './types.js';",
  '',
  'type FailureCode = keyof typeof FAILURES;',
  '',
  'export interface TokenReply {',
  '  readonly id: string;',
  '  readonly code: FailureCode;',
  '  readonly byMethod?: Readonly<Record<string, FailureCode>>;',
  '}',
  '',
  'export interface ServerReply {',
  '  readonly id: string;',
  '  readonly pattern: RegExp;',
  "  readonly phase?: ReplyEntry['phase'];",
  '  readonly code: FailureCode;',
  '}',
  '',
  '/** Answers of the token endpoint by AADSTS number, OAuth error or code of MSAL. */',
  'export const TOKEN_REPLIES: Readonly<Record<string, TokenReply>> = {',
  ...replies.filter(({ from }) => from === 'token').map(tokenEntry),
  '};',
  '',
  '/** Lines of the mail servers and of Microsoft Graph; the first that matches counts. */',
  "export const SERVER_REPLIES: Readonly<Record<Exclude<ReplyEntry['from'], 'token'>, readonly ServerReply[]>> = {",
  ...protocols.flatMap((protocol) => [
    `  ${protocol}: [`,
    ...replies.filter(({ from }) => from === protocol).map(lineEntry),
    '  ],',
  ]),
  '};',
  '',
  "/** Ids of the answers whose explanation is our own conclusion, not Microsoft's word. */",
  'export const INFERRED_REPLIES: readonly string[] = [',
  ...replies.filter(({ provenance }) => provenance === 'inferred').map(({ id }) => `  '${id}',`),
  '];',
  '',
].join('\n');

const stale = Object.entries({
  'types.ts': types,
  'failures.ts': failuresFile,
  'replies.ts': repliesSource,
}).filter(([name, source]) => {
  const target = join(root, 'src/generated', name);
  if (existsSync(target) && readFileSync(target, 'utf8') === source) return false;
  if (!process.argv.includes('--check')) writeFileSync(target, source);
  return true;
});
if (process.argv.includes('--check') && stale.length > 0) {
  console.error(`Stale: ${stale.map(([name]) => `src/generated/${name}`).join(', ')}. Run npm run generate.`);
  process.exit(1);
}

import regexp from 'eslint-plugin-regexp';
import tseslint from 'typescript-eslint';

/**
 * The rooms of the house and what each may import from `src`. Dependencies point one way only;
 * a room may always import from itself. A room that is not listed may not be created.
 */
const ROOMS = {
  errors: ['generated'],
  generated: [],
  manifest: ['errors', 'generated'],
  net: ['errors', 'generated'],
  state: ['errors', 'generated'],
  budget: ['errors', 'generated', 'state'],
  mail: ['errors', 'generated', 'net'],
  connection: ['errors', 'generated', 'manifest', 'net', 'state', 'mail'],
  // The cloud table is data that admin and connection share; nothing else of connection.
  admin: ['errors', 'generated', 'manifest', 'connection/clouds'],
  activities: ['errors', 'generated', 'manifest', 'net', 'state', 'budget', 'mail', 'connection'],
  sandbox: [],
  http: ['errors', 'generated', 'manifest', 'admin', 'index'],
  cli: ['errors', 'generated', 'manifest', 'index', 'net', 'state', 'admin', 'http', 'sandbox'],
};

/** Only these files may import a mail or identity library: everything else goes through their ports. */
const LIBRARIES = [
  '@azure/msal-node',
  'node-forge',
  'imapflow',
  'node-pop3',
  'nodemailer',
  'nodemailer/*',
  'libmime',
];
const LIBRARY_ROOMS = ['src/mail/**', 'src/connection/grants/**'];

/** Optional packages: only these files may import them, and only dynamic imports may lead there. */
const DRIVERS = ['libsql', 'kysely', 'pg'];
const DRIVER_FILES = ['src/state/sql/**/*.ts'];

const restrict = (patterns) => ({ 'no-restricted-imports': ['error', { patterns }] });
const libraryPattern = {
  group: LIBRARIES,
  message:
    'Mail and identity libraries are imported only by their adapters in src/mail and src/connection/grants.',
};
const driverPattern = {
  group: DRIVERS,
  message: 'Drivers of databases are optional: they are imported in src/state/sql only.',
};
const throughDatabase = {
  regex: '^\\./sql/',
  message: 'src/state/sql is loaded by database.ts at first use, since its drivers are optional.',
};

/** A single file of a room that is otherwise closed, as "room/file". */
const exceptFor = (other, allowed) => {
  const files = allowed.filter((one) => one.startsWith(`${other}/`)).map((one) => one.split('/')[1]);
  return files.length === 0 ? '' : `(?!(?:${files.join('|')})\\.js$)`;
};

const roomRules = Object.entries(ROOMS).map(([room, allowed]) => {
  const forbidden = [...Object.keys(ROOMS), 'index'].filter(
    (other) => other !== room && !allowed.includes(other),
  );
  const patterns = forbidden.map((other) => ({
    regex: other === 'index' ? '^(\\.\\./)+index\\.js$' : `^(\\.\\./)+${other}/${exceptFor(other, allowed)}`,
    message: `src/${room} must not depend on ${other}: dependencies point one way (see eslint.config.js).`,
  }));
  return {
    files: [`src/${room}/**/*.ts`],
    rules: restrict([
      ...patterns,
      libraryPattern,
      driverPattern,
      ...(room === 'state' ? [throughDatabase] : []),
    ]),
    patterns,
  };
});

export default tseslint.config(
  { ignores: ['dist', 'coverage', 'node_modules', 'workbench', 'src/generated', '.tmp', '**/*.cjs'] },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked, regexp.configs['flat/recommended']],
    languageOptions: { parserOptions: { projectService: true } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // A validated value takes the type that its schema stands for; the caller names it.
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  ...roomRules.map(({ files, rules }) => ({ files, rules })),
  ...roomRules
    .filter(({ files }) => files[0].startsWith('src/mail/') || files[0].startsWith('src/connection/'))
    .map(({ files, patterns }) => ({
      files: LIBRARY_ROOMS.filter((glob) => glob.startsWith(files[0].replace('/**/*.ts', ''))),
      rules: restrict([...patterns, driverPattern]),
    })),
  ...roomRules
    .filter(({ files }) => files[0].startsWith('src/state/'))
    .map(({ patterns }) => ({ files: DRIVER_FILES, rules: restrict([...patterns, libraryPattern]) })),
  {
    files: ['test/**/*.ts', 'examples/**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    files: ['**/*.js', '**/*.mjs'],
    extends: [tseslint.configs.base],
  },
);

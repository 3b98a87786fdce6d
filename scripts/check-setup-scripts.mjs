/**
 * `npm run check:setup`: does everything that the fix-kit writes parse? Renders it for every sign-in method, protocol,
 * language and cloud, with names that try to break out, and reads the PowerShell with a grammar of the language
 * (tree-sitter-powershell; a real PowerShell is neither in Debian nor in the npm registry) and the bash with `bash -n`
 * and ShellCheck. Broken scripts go first: a judge that lets them pass is no judge. Prints counts.
 */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBuilt } from './workspace.mjs';

ensureBuilt();
const { METHODS, planSetup, renderAppManifest, renderAzureCli, renderHandover, renderPowerShell, surplusOf } =
  await import('../dist/admin/index.js');
const { languages } = await import('../dist/manifest/index.js');
const require = createRequire(import.meta.url);
const { Language, Parser } = await import('web-tree-sitter');
await Parser.init();
const parser = new Parser();
parser.setLanguage(
  await Language.load(require.resolve('tree-sitter-powershell/tree-sitter-powershell.wasm')),
);

/** Faults of a PowerShell script: pieces that the grammar does not know, and pieces that it misses. */
function powerShellFaults(script) {
  const tree = parser.parse(script);
  const faults = [];
  const walk = (node) => {
    if (node.isError || node.isMissing)
      faults.push(`line ${node.startPosition.row + 1}: ${node.text.slice(0, 80)}`);
    else if (node.hasError) node.children.forEach(walk);
  };
  walk(tree.rootNode);
  tree.delete();
  return faults;
}

/** Single-quoted strings of a script, as the grammar parts them, unquoted. */
function powerShellStrings(script) {
  const tree = parser.parse(script);
  const found = tree.rootNode
    .descendantsOfType('verbatim_string_characters')
    .map(({ text }) => text.slice(1, -1).replaceAll("''", "'"));
  tree.delete();
  return found;
}

const folder = mkdtempSync(join(tmpdir(), 'setup-scripts-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const shellcheck = spawnSync('shellcheck', ['--version'], { encoding: 'utf8' }).status === 0;

// What ShellCheck asks about the content of a single-quoted word ("did you mean to expand this?"): here it is data.
const ABOUT_DATA = 'SC2016,SC1003,SC1112';

async function bashFaults(scripts) {
  const files = scripts.map((script, index) => {
    const file = join(folder, `${index}.sh`);
    writeFileSync(file, script);
    return file;
  });
  const faults = files.flatMap((file) => {
    const { status, stderr } = spawnSync('bash', ['-n', file], { encoding: 'utf8' });
    return status === 0 ? [] : [stderr.trim()];
  });
  if (!shellcheck) return faults;
  const groups = Array.from({ length: availableParallelism() }, (_, group) =>
    files.filter((_file, index) => index % availableParallelism() === group),
  );
  const found = await Promise.all(groups.filter((group) => group.length > 0).map(shellCheckFaults));
  return [...faults, ...found.flat()];
}

/** What ShellCheck says of files; one that does not run says nothing, which is a fault as well. */
function shellCheckFaults(files) {
  const args = ['--shell=bash', '--format=gcc', `--exclude=${ABOUT_DATA}`, ...files];
  return new Promise((resolve) => {
    execFile('shellcheck', args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 }, (error, stdout) =>
      resolve(error === null ? [] : [stdout.trim() || String(error)]),
    );
  });
}

const HOSTILE = [
  { app: "O'Brien & Söhne", mailbox: "o'brien@contoso.com" },
  { app: '"; Remove-Item -Recurse C:\\; "', mailbox: '$(whoami)@contoso.com' },
  { app: '`$(rm -rf ~)` ${IFS} %s \\', mailbox: '`id`@contoso.com' },
  { app: "'; exit 1; #", mailbox: "a';b@contoso.com" },
  { app: '’; Get-Mailbox; ‘', mailbox: '’x’@contoso.com' },
  { app: '</script><img src=x onerror=alert(1)>', mailbox: 'a"b&c@contoso.com' },
  { app: 'END_OF_POWERSHELL', mailbox: '--help@contoso.com' },
  { app: '#> @" "@ <#', mailbox: '*|a\\@contoso.com' },
];
const GUID = '11111111-2222-3333-4444-555555555555';
const HELD = [
  { resource: 'exchange', kind: 'application', permission: 'full_access_as_app' },
  { resource: 'graph', kind: 'application', permission: 'Mail.Send' },
  { resource: 'graph', kind: 'delegated', permission: 'User.Read.All' },
];

/** Reading over each protocol and sending, alone and together: all languages where the texts differ most. */
function* combinations() {
  const ALL = ['new', 'known', 'repair', 'role'];
  for (const language of languages())
    for (const variant of ALL) yield { transports: ['imap', 'smtp'], language, variant };
  let turn = 0;
  for (const [transports, variants] of [
    [['imap'], ALL],
    [['smtp'], ALL],
    [['pop3'], ['new', 'known', 'repair']],
    [['graph'], ['new', 'known', 'repair']],
    [
      ['graph', 'smtp'],
      ['known', 'role'],
    ],
    [['graph-send'], ['new', 'known', 'repair']],
    [
      ['graph', 'graph-send'],
      ['new', 'repair'],
    ],
  ])
    for (const variant of variants)
      yield { transports, language: languages()[turn++ % languages().length], variant };
}

function* requests() {
  let turn = 0;
  for (const method of Object.keys(METHODS)) {
    for (const { transports, language, variant } of combinations()) {
      const { app, mailbox } = HOSTILE[turn % HOSTILE.length];
      const cloud = ['global', 'gcc-high', 'dod', 'china'][turn % 4];
      turn += 1;
      yield {
        language,
        transports,
        changingOver: variant === 'known' || variant === 'repair' ? transports : [],
        settings: {
          cloud,
          tenant: 'contoso.com',
          mailbox,
          allowedMailboxes: ['anna@contoso.com'],
          appName: app,
          authentication: {
            method,
            ...(variant === 'new' ? {} : { clientId: GUID }),
            ...(method === 'sign-in' && variant === 'known' ? { clientSecret: 'set' } : {}),
            account: 'berta@contoso.com',
          },
          redirectUris: ['http://localhost/callback', 'https://host.example/$(x)`y`?a=b%20c'],
        },
        largeFiles: variant === 'known',
        sendAs: variant === 'new' ? [] : [{ mailbox, as: HOSTILE[(turn + 3) % HOSTILE.length].mailbox }],
        held: HELD,
        federation: variant === 'known' ? { issuer: 'https://issuer.example/$x', subject: app } : undefined,
        ...(variant === 'repair'
          ? {
              only: [
                'app-disabled',
                'rights-surplus',
                'mailbox-not-opened',
                'client-secret-expired',
                'role-missing',
                'graph-access-denied',
              ],
            }
          : {}),
        ...(variant === 'role' ? { smtpThrough: 'exchange-role' } : {}),
      };
    }
  }
}

const GOOD = renderPowerShell(
  planSetup({
    language: 'en',
    transports: ['imap', 'smtp'],
    settings: {
      tenant: 'contoso.com',
      mailbox: "o'brien@contoso.com",
      authentication: { method: 'client-secret' },
    },
  }),
);
const replaced = (from, to) => {
  if (!GOOD.includes(from)) throw new Error(`The control script lacks ${from}`);
  return GOOD.replace(from, to);
};
const BROKEN_POWERSHELL = {
  'a brace left open': GOOD.trimEnd().replace(/\}$/u, ''),
  'a quote left open': replaced("$ErrorActionPreference = 'Stop'", "$ErrorActionPreference = 'Stop"),
  'a name that breaks out of its quotes': replaced("o''brien", "o'brien"),
  'a parenthesis left open': replaced('Set-StrictMode -Version Latest', 'Set-StrictMode -Version (Latest'),
  'a brace too many': replaced('} elseif', '} } elseif'),
  'a pipe into nothing': replaced('| Out-Null', '| |'),
  'a table without equals sign': replaced('@{ Resource =', '@{ Resource'),
  'an else without if': replaced('Set-StrictMode', 'else { }\nSet-StrictMode'),
};
const BROKEN_BASH = {
  'a quote left open': "name='open\necho x\n",
  'an if without fi': 'if true; then echo x\n',
  'a loop without do': 'for x in a b; echo x; done\n',
  ...(shellcheck ? { 'an unquoted variable (ShellCheck)': '#!/usr/bin/env bash\nx=$1\nrm -rf $x/\n' } : {}),
};

let failed = 0;
const report = (what, faults) => {
  failed += 1;
  console.error(`${what}\n  ${faults.slice(0, 5).join('\n  ')}`);
};
for (const [what, script] of Object.entries(BROKEN_POWERSHELL))
  if (powerShellFaults(script).length === 0) report(`PowerShell judge lets pass: ${what}`, []);
for (const [what, script] of Object.entries(BROKEN_BASH))
  if ((await bashFaults([script])).length === 0) report(`bash judge lets pass: ${what}`, []);

let powerShellScripts = 0;
const bash = [];
for (const request of requests()) {
  const plan = planSetup(request);
  const { mailbox, appName } = request.settings;
  const what = `${plan.method} ${request.transports.join('+')} ${request.language} ${appName}`;
  for (const mode of ['setup', 'verify', 'undo']) {
    const script = renderPowerShell(plan, mode);
    powerShellScripts += 1;
    const faults = powerShellFaults(script);
    if (faults.length > 0) report(`PowerShell ${mode}: ${what}`, faults);
    // The grammar knows only the straight quote; the typographic ones are judged by test/admin.
    if (mode === 'setup') {
      const strings = powerShellStrings(script).map((text) => text.replace(/([‘’‚‛])\1/gu, '$1'));
      if (!strings.includes(mailbox)) report(`Not one literal in PowerShell: ${mailbox}`, []);
    }
    bash.push(renderAzureCli(plan, mode));
  }
  JSON.parse(JSON.stringify(renderAppManifest(plan)));
  const page = renderHandover(plan);
  if (/<(?:script|img|iframe|link|object)\b/iu.test(page)) report(`A name became markup: ${what}`, []);
}
if (surplusOf(HELD, []).length !== HELD.length) report('Surplus is not found', []);
const distinct = [...new Set(bash)];
for (let start = 0; start < distinct.length; start += 100) {
  const faults = await bashFaults(distinct.slice(start, start + 100));
  if (faults.length > 0) report(`bash, scripts ${start} and following`, faults.join('\n').split('\n'));
}

console.log(
  `PowerShell: ${powerShellScripts} scripts parsed, ${Object.keys(BROKEN_POWERSHELL).length} broken ones reported. ` +
    `bash: ${distinct.length} scripts parsed${shellcheck ? ' and checked by ShellCheck' : ' (ShellCheck is not installed: skipped)'}, ` +
    `${Object.keys(BROKEN_BASH).length} broken ones reported. ${failed} faults.`,
);
process.exitCode = failed === 0 ? 0 : 1;

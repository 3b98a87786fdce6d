/**
 * Scripts as they run: values stay values, a second run changes nothing, undo takes back what was added. bash runs for
 * real against a stand-in for the Azure CLI; PowerShell, which no machine here has, is held to its structure (that it
 * parses is the business of scripts/check-setup-scripts.mjs).
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  bashLiteral,
  planSetup,
  powerShellLiteral,
  renderAzureCli,
  renderPowerShell,
  type SetupRequest,
} from '../../src/admin/index.js';
import { languages } from '../../src/manifest/index.js';
import { ALL_METHODS, HOSTILE_NAMES, request } from './support/requests.js';

describe('literals', () => {
  test.each(HOSTILE_NAMES)('bash reads %j as one word, as it is', (name) => {
    const print = (word: string): string =>
      spawnSync('bash', ['--norc', '-c', `printf '<%s>' ${word}`], { encoding: 'utf8', cwd: tmpdir() })
        .stdout;
    expect(print(bashLiteral(name))).toBe(`<${name}>`);
    // The control: without quotes bash makes something else of a name with blanks or quotes.
    if (/['"$`;]/u.test(name)) expect(print(name)).not.toBe(`<${name}>`);
  });

  /** How PowerShell reads a single-quoted string: any of five quotes ends it unless one of the five follows. */
  function readPowerShell(source: string): { value: string; rest: string } {
    const quotes = "'\u2018\u2019\u201a\u201b";
    let value = '';
    for (let at = 1; at < source.length; at += 1) {
      const character = source[at] ?? '';
      if (!quotes.includes(character)) value += character;
      else if (quotes.includes(source[at + 1] ?? '\n')) {
        value += character;
        at += 1;
      } else return { value, rest: source.slice(at + 1) };
    }
    return { value, rest: 'never closed' };
  }

  test.each(HOSTILE_NAMES)('PowerShell reads %j as one string, as it is', (name) => {
    expect(readPowerShell(powerShellLiteral(name))).toEqual({ value: name, rest: '' });
    if (/['\u2018-\u201b]/u.test(name)) expect(readPowerShell(`'${name}'`).rest).not.toBe('');
  });
});

describe('PowerShell', () => {
  const sending = {
    mailboxes: ['orders@contoso.com', 'team@contoso.com'],
    sendAs: [{ mailbox: 'orders@contoso.com', as: 'sales@contoso.com' }],
    largeFiles: true,
  };
  const all = ALL_METHODS.flatMap((method) => [
    ...planSetup(request(method)).steps,
    ...planSetup(request(method, ['graph', 'graph-send'], sending)).steps,
    ...planSetup(request(method, ['smtp'], { smtpThrough: 'exchange-role' })).steps,
  ]);

  test.each([...new Map(all.map((step) => [step.id, step])).values()])(
    '$id changes nothing before it has looked, and asks ShouldProcess',
    ({ powershell }) => {
      const changing =
        /^\s*(?:\$\w+ = )?(?:New|Add|Set|Update|Remove)-(?:Mg|Mailbox|CAS|Service|Recipient|Distribution|Management)\w*/gmu;
      const changes = [...powershell.do.matchAll(changing)];
      expect(changes.length).toBeGreaterThan(0);
      for (const { index } of changes) {
        const before = powershell.do.slice(0, index);
        expect(before).toContain('$PSCmdlet.ShouldProcess(');
        expect(before).toMatch(/\b(?:if|else)\b/u);
      }
      expect(powershell.do).toContain('Write-Present');
      expect(powershell.verify).not.toMatch(changing);
    },
  );

  test.each([...new Map(all.map((step) => [step.id, step])).values()])(
    '$id: undo goes by the record that setup writes',
    ({ id, powershell }) => {
      expect(powershell.do).toContain(`Add-Change '${id}'`);
      expect(powershell.undo).toContain(`Get-Change '${id}'`);
      expect(powershell.undo).toContain('Complete-Change $Change');
    },
  );

  test('sending over Graph: each role is assigned, and taken away again, by itself', () => {
    const plan = planSetup(request('client-secret', ['graph-send'], { largeFiles: true }));
    const [setup, undo] = [renderPowerShell(plan), renderPowerShell(plan, 'undo')];
    for (const name of ['$SendAssignmentName', '$SendDraftAssignmentName']) {
      expect(setup).toContain(`Add-Change 'mail-send-role' ${name} 'assignment'`);
      expect(setup).toMatch(new RegExp(`^\\${name} = \\$SendGroupName`, 'mu'));
    }
    expect(setup.match(/New-ManagementRoleAssignment -Name/gu)).toHaveLength(2);
    // No assignment without its limit.
    expect(
      setup.match(/New-ManagementRoleAssignment -Name .* -CustomResourceScope \$SendScopeName/gu),
    ).toHaveLength(2);
    expect(undo).toContain('Remove-ManagementRoleAssignment -Identity $Change.Target');
    expect(undo).toContain('$SendGroupName = ');
  });

  test('undo goes backwards, Exchange before Entra, and asks', () => {
    const undo = renderPowerShell(planSetup(request('client-secret')), 'undo');
    expect(undo).toContain("SupportsShouldProcess, ConfirmImpact = 'High'");
    const at = (text: string): number => undo.indexOf(text);
    expect(at("Get-Change 'imap-on'")).toBeLessThan(at("Get-Change 'mailbox-access'"));
    expect(at("Get-Change 'mailbox-access'")).toBeLessThan(at("Get-Change 'consent'"));
    expect(at("Get-Change 'consent'")).toBeLessThan(undo.lastIndexOf("Get-Change 'app'"));
  });

  test.each(languages())('in %s: the same commands, whatever the comments say', (language) => {
    const commands = (one: SetupRequest): string[] =>
      renderPowerShell(planSetup(one))
        .split('\n')
        .filter((line) => !/^\s*(?:#|Write-Step|\w+ = '.*'$)/u.test(line));
    expect(commands(request('client-secret', ['imap', 'smtp'], { language }))).toEqual(
      commands(request('client-secret')),
    );
  });

  test.each(['setup', 'undo'] as const)('%s looks at the tenant before it changes anything', (mode) => {
    const script = renderPowerShell(planSetup(request('client-secret')), mode);
    const main = script.slice(script.indexOf('if ($Part'));
    for (const connect of ['Connect-MgGraph', 'Connect-ExchangeOnline']) {
      const after = main.slice(main.lastIndexOf(connect));
      const change = after.search(/ShouldProcess/u);
      expect(after.slice(0, change)).toContain('Assert-Tenant');
    }
  });

  test('both ids given: Exchange needs no sign-in to Microsoft Graph', () => {
    const script = renderPowerShell(planSetup(request('client-secret')));
    expect(script).toContain("[string] $AppId = '");
    const exchange = script.slice(script.indexOf("if ($Part -ne 'Entra')"));
    expect(exchange.indexOf("if ($ServicePrincipalId -eq '' -or $AppId -eq '')")).toBeLessThan(
      exchange.indexOf('Connect-MgGraph'),
    );
    expect(exchange.match(/Connect-MgGraph/gu)).toHaveLength(1);
  });

  test('a new secret is shown in one place and not written to the record', () => {
    const script = renderPowerShell(planSetup(request('client-secret')));
    expect(script.match(/SecretText/gu)).toHaveLength(1);
    expect(script).toContain('Write-Host $Secret.SecretText');
  });
});

describe('bash', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'setup-'));
    copyFileSync(new URL('support/fake-az.mjs', import.meta.url), join(folder, 'az'));
    chmodSync(join(folder, 'az'), 0o755);
    // An extensionless file is a module only if its package says so.
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function run(script: string, env: Record<string, string> = {}) {
    writeFileSync(join(folder, 'log'), '');
    writeFileSync(join(folder, 'script.sh'), script);
    const { status, stdout, stderr } = spawnSync('bash', ['--norc', 'script.sh'], {
      cwd: folder,
      encoding: 'utf8',
      env: {
        PATH: `${folder}${delimiter}${process.env['PATH'] ?? ''}`,
        HOME: folder,
        FAKE_AZ_STATE: join(folder, 'state.json'),
        FAKE_AZ_LOG: join(folder, 'log'),
        ...env,
      },
    });
    const calls = readFileSync(join(folder, 'log'), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as string[]);
    const changing = calls.filter((call) =>
      /create|add|delete|reset|update|POST|PATCH|DELETE/u.test(call.slice(0, 5).join(' ')),
    );
    return { status, stdout, stderr, calls, changing };
  }
  const recordFile = (): string =>
    join(
      folder,
      readdirSync(folder).find((name) => name.startsWith('m365-email-setup-contoso-com-')) ?? 'no-record',
    );
  const state = (): unknown => JSON.parse(readFileSync(join(folder, 'state.json'), 'utf8'));
  const fresh = (appName: string): SetupRequest => {
    const one = request('client-secret', ['imap', 'smtp'], { appName });
    return { ...one, settings: { ...one.settings, authentication: { method: 'client-secret' } } };
  };

  test.each(HOSTILE_NAMES.slice(0, 4))('from zero, again, and back, with an app called %j', (appName) => {
    const plan = planSetup(fresh(appName));
    const first = run(renderAzureCli(plan));
    expect([first.status, first.stderr]).toEqual([0, '']);
    expect(state()).toEqual({
      app: appName,
      sp: 'the-sp',
      declared: ['role-imap', 'role-smtp'],
      assignments: ['role-imap', 'role-smtp'],
      secrets: ['key-1'],
    });
    expect(first.stdout.match(/S3cret~value/gu)).toHaveLength(1);
    expect(readFileSync(recordFile(), 'utf8')).not.toContain('S3cret');
    expect(readFileSync(join(folder, 'exchange-setup.ps1'), 'utf8')).toContain('New-ServicePrincipal -AppId');

    expect(first.stdout).toContain('exchange-setup.ps1 -AppId the-app -ServicePrincipalId the-sp');

    const second = run(renderAzureCli(plan));
    expect([second.status, second.changing]).toEqual([0, []]);
    expect(second.stdout).not.toContain('S3cret');

    const back = run(renderAzureCli(plan, 'undo'), { YES: '1' });
    expect([back.status, back.stderr]).toEqual([0, '']);
    expect(state()).toEqual({ app: null, sp: null, declared: [], assignments: [], secrets: [] });
    expect(readFileSync(recordFile(), 'utf8')).toBe('');
  });

  test('a dry run changes nothing', () => {
    const { status, changing } = run(renderAzureCli(planSetup(fresh('Mail robot'))), { DRY_RUN: '1' });
    expect([status, changing]).toEqual([0, []]);
    expect(existsSync(recordFile())).toBe(false);
  });

  test('undo leaves alone what was there before', () => {
    const there = {
      app: 'Mail robot',
      sp: 'the-sp',
      declared: ['role-imap'],
      assignments: ['role-imap'],
      secrets: ['key-0'],
    };
    writeFileSync(join(folder, 'state.json'), JSON.stringify(there));
    const plan = planSetup(request('client-secret', ['imap', 'smtp'], { appName: 'Mail robot' }));
    expect(run(renderAzureCli(plan)).status).toBe(0);
    expect(state()).toEqual({
      ...there,
      declared: ['role-imap', 'role-smtp'],
      assignments: ['role-imap', 'role-smtp'],
    });
    expect(run(renderAzureCli(plan, 'undo'), { YES: '1' }).status).toBe(0);
    expect(state()).toEqual(there);
  });

  test('another name when it runs goes into the app, the record and the command for Exchange', () => {
    const { status, stdout } = run(renderAzureCli(planSetup(fresh('Mail robot'))), {
      APP_NAME: "Anna's robot",
    });
    expect([status, (state() as { app: string }).app]).toEqual([0, "Anna's robot"]);
    expect(stdout).toContain("-AppId the-app -ServicePrincipalId the-sp -AppName 'Anna''s robot'");
    expect(recordFile()).toContain('m365-email-setup-contoso-com-anna-s-robot.tsv');
  });

  test('undo names a secret of which no key is known, and goes on', () => {
    const plan = planSetup(fresh('Mail robot'));
    expect(run(renderAzureCli(plan), { FAKE_AZ_SLOW_KEYS: '1' }).status).toBe(0);
    const { status, stderr } = run(renderAzureCli(plan, 'undo'), { YES: '1' });
    expect([status, (state() as { app: unknown }).app]).toEqual([0, null]);
    expect(stderr).toContain('Mail robot');
  }, 40_000);

  test('an app of the same name is not taken for ours', () => {
    const there = { app: 'Mail robot', sp: 'the-sp', declared: [], assignments: [], secrets: [] };
    writeFileSync(join(folder, 'state.json'), JSON.stringify(there));
    const { status, stderr, changing } = run(renderAzureCli(planSetup(fresh('Mail robot'))));
    expect([status, changing]).toEqual([1, []]);
    expect(stderr).toContain('--app-name');
    expect(state()).toEqual(there);
  });

  test.each(['setup', 'verify', 'undo'] as const)(
    '%s stops in another tenant than the connection’s',
    (mode) => {
      const script = renderAzureCli(planSetup(fresh('Mail robot')), mode);
      const { status, stderr, changing } = run(script, { FAKE_AZ_TENANT: 'another-tenant', YES: '1' });
      expect([status, changing]).toEqual([1, []]);
      expect(stderr).toContain('another-tenant');
    },
  );

  test('a new secret is shown and recorded even while the directory does not list its key', () => {
    const { status, stdout } = run(renderAzureCli(planSetup(fresh('Mail robot'))), {
      FAKE_AZ_SLOW_KEYS: '1',
    });
    expect(status).toBe(0);
    expect(stdout.match(/S3cret~value/gu)).toHaveLength(1);
    expect(readFileSync(recordFile(), 'utf8')).toContain('client-secret\tMail robot\tunknown');
  }, 40_000);
});

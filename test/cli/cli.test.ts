/**
 * The command line as a person and a script meet it: run as a process against a sandbox, judged by what it prints
 * and by its exit code.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { packagePath } from '../../src/manifest/index.js';
import { DEMO, startSandbox, type Sandbox } from '../../src/sandbox/index.js';
import { messageWithAttachment, noise } from '../support/messages.js';
import { startOneCut } from '../support/one-cut.js';

let folder: string;
let sandbox: Sandbox;
const file = (name: string, content: unknown): string => {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
};
const connection = {
  tenant: DEMO.tenantId,
  mailbox: DEMO.people.anna.address,
  authentication: { method: 'client-secret', ...DEMO.daemon },
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'm365-email-cli-'));
});
beforeEach(async () => {
  sandbox = await startSandbox();
});
afterEach(() => sandbox.stop());
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Result {
  code: number | null;
  stdout: string;
  stderr: string;
}

function cli(
  args: readonly string[],
  { input = '', env = {} }: { input?: string; env?: Record<string, string> } = {},
): Promise<Result> {
  const child = spawn(process.execPath, [packagePath('dist/cli/main.js'), ...args], {
    env: { ...process.env, LANG: 'C', LC_ALL: '', NO_COLOR: '1', ...env },
  });
  const result: Result = { code: null, stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (result.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (result.stderr += chunk.toString()));
  child.stdin.end(input);
  return new Promise((resolve) => child.on('close', (code) => resolve({ ...result, code })));
}

function onSandbox(over: Record<string, unknown> = {}): string[] {
  return [
    '--connection',
    file('connection.json', { ...connection, ...over }),
    '--net',
    file('net.json', { hosts: sandbox.hosts, trustedRoots: [sandbox.ca] }),
  ];
}

describe('check', () => {
  test('passes with exit code 0', async () => {
    const { code, stdout } = await cli(['check', ...onSandbox()]);
    expect(code).toBe(0);
    expect(stdout).toContain('✓ Mailbox opens (reading, IMAP): passed');
  });

  test('shows stage, cause and remedy of a wrong secret, and exits by its kind', async () => {
    const authentication = { ...connection.authentication, clientSecret: 'not-the-secret' };
    const { code, stdout, stderr } = await cli(['check', ...onSandbox({ authentication })]);
    expect(code).toBe(11);
    expect(stdout).toContain('✗ Token is issued: failed');
    expect(stdout).toContain("Paste the secret's Value again");
    expect(stdout + stderr).not.toContain('not-the-secret');
  });

  test('speaks German', async () => {
    sandbox.directory.mailbox(DEMO.people.anna.address).smtpClientAuthenticationDisabled = true;
    const { code, stdout } = await cli(['check', ...onSandbox(), '--language', 'de']);
    expect(code).toBe(12);
    expect(stdout).toContain('Abhilfe: Exchange Online PowerShell: Set-CASMailbox');
  });

  test('with --json is one check per line', async () => {
    const { stdout } = await cli(['check', ...onSandbox(), '--json']);
    const checks = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { stage: string });
    expect(checks[0]?.stage).toBe('settings');
    expect(checks.at(-1)?.stage).toBe('expiry');
  });
});

describe('secrets', () => {
  const authentication = { ...connection.authentication, clientSecret: { $secret: 'mail' } };

  test('come from the environment or a file', async () => {
    const args = ['list', 'folders', ...onSandbox({ authentication })];
    expect((await cli(args, { env: { M365_EMAIL_SECRET_MAIL: DEMO.daemon.clientSecret } })).code).toBe(0);
    file('mail', `${DEMO.daemon.clientSecret}\n`);
    expect((await cli([...args, '--secrets', folder])).code).toBe(0);
  });

  test('that are nowhere are asked for, and without a terminal missed by name', async () => {
    const { code, stderr } = await cli(['list', 'folders', ...onSandbox({ authentication })]);
    expect(code).toBe(10);
    expect(stderr).toContain('The secret mail was not found.');
  });
});

describe('read', () => {
  test('writes one record per line, marks as read, and finds nothing the second time', async () => {
    const args = ['read', ...onSandbox(), '--set', 'folder=INBOX', '--set', 'afterRead=mark-read', '--json'];
    const first = await cli(args);
    expect(first.code).toBe(0);
    expect(
      first.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { isRead: boolean }),
    ).toEqual(expect.arrayContaining([expect.objectContaining({ isRead: false })]));
    expect((await cli(args)).stdout).toBe('');
  });

  test('says on stderr that a connection was opened anew, and reads all the same', async () => {
    const host = 'outlook.office365.com:993';
    const line = await startOneCut(sandbox.hosts[host] ?? '', 'fromServer', 100_000);
    try {
      const mailbox = sandbox.mailbox(DEMO.people.anna.address);
      mailbox.createFolder('Large');
      mailbox.append('Large', messageWithAttachment('Large', 'a.bin', noise(200_000)));
      const net = { hosts: { ...sandbox.hosts, [host]: line.address }, trustedRoots: [sandbox.ca] };
      const connected = [
        '--connection',
        file('connection.json', connection),
        '--net',
        file('line.json', net),
      ];
      const { code, stdout, stderr } = await cli(['read', ...connected, '--set', 'folder=Large', '--json']);
      expect(line.done).toBe(true);
      expect(stderr).toMatch(
        /^! The connection to outlook\.office365\.com was lost\..* The connection was opened anew; the run goes on\.$/mu,
      );
      expect({ code, lines: stdout.trim().split('\n').length }).toEqual({ code: 0, lines: 1 });
    } finally {
      await line.stop();
    }
  });

  test('names a wrong setting and exits by kind', async () => {
    const { code, stderr } = await cli(['read', ...onSandbox(), '--set', 'limit=0', '--set', 'folder=INBOX']);
    expect(code).toBe(10);
    expect(stderr).toContain('Most messages per run is less than 1. Use a whole number from 1 to 10000.');
  });

  test('says which file cannot be read', async () => {
    const { code, stderr } = await cli(['read', '--connection', join(folder, 'absent.json')]);
    expect(code).toBe(13);
    expect(stderr).toContain('absent.json cannot be used');
  });
});

describe('send', () => {
  test('takes requests from standard input, one per line, and answers each', async () => {
    const to = [{ address: DEMO.people.bernd.address }];
    const lines = [{ to, subject: 'one' }, { subject: 'no recipient' }, { to, subject: 'three' }];
    const input = `${lines.map((line) => JSON.stringify(line)).join('\n')}\nnot json\n`;
    const { code, stdout } = await cli(['send', ...onSandbox(), '--requests', '-', '--json'], { input });
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { outcome: string }).outcome),
    ).toEqual(['accepted', 'rejected', 'accepted', 'rejected']);
    expect(code).toBe(13);
  });

  test('attaches files of the folders that are named for it, and of no other', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'm365-email-attach-'));
    try {
      writeFileSync(join(folder, 'list.txt'), 'x');
      const attached = (file: string) => ({
        to: 'a@x.example',
        attachments: [{ name: 'a', content: { file } }],
      });
      const input = [attached('list.txt'), attached('/etc/hostname')]
        .map((line) => JSON.stringify(line))
        .join('\n');
      const args = ['send', ...onSandbox(), '--requests', '-', '--dry-run', '--json'];
      const outcomes = async (more: readonly string[]): Promise<unknown[]> => {
        const { stdout } = await cli([...args, ...more], { input });
        return stdout
          .trim()
          .split('\n')
          .map((line) => (JSON.parse(line) as { outcome: string }).outcome);
      };
      expect(await outcomes(['--send-file-folders', folder])).toEqual(['would-send', 'would-refuse']);
      expect(await outcomes([])).toEqual(['would-refuse', 'would-refuse']);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('a dry run writes each message to a file, tells what would be refused, and sends nothing', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'm365-email-dry-'));
    try {
      const lines = [{ to: 'ben@x.example', subject: 'Größe', text: 'x' }, { subject: 'to nobody' }];
      const input = lines.map((line) => JSON.stringify(line)).join('\n');
      const args = ['send', ...onSandbox(), '--requests', '-', '--dry-run', '--eml', folder];
      const { code, stdout, stderr } = await cli([...args, '--language', 'de'], { input });
      expect([code, stdout.includes('würde gesendet'), stdout.includes('würde abgelehnt')]).toEqual([
        13,
        true,
        true,
      ]);
      expect(stderr).toContain('Es wurde nichts gesendet');
      expect(readdirSync(folder)).toEqual(['0.eml']);
      expect(readFileSync(join(folder, '0.eml'), 'utf8')).toContain('To: ben@x.example');
      const again = await cli([...args, '--json'], { input });
      expect(JSON.parse(again.stdout.split('\n')[0]!)).toMatchObject({
        index: 0,
        outcome: 'would-refuse',
        failure: { code: 'file-unwritable' },
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('help', () => {
  test('teaches: commands, an example, secrets and exit codes', async () => {
    const { code, stdout } = await cli(['--help']);
    expect(code).toBe(0);
    for (const word of [
      'sandbox',
      'check',
      'list',
      'describe',
      'read',
      'send',
      'M365_EMAIL_SECRET_',
      'Exit codes',
    ])
      expect(stdout).toContain(word);
  });

  test('describe shows the settings of an activity', async () => {
    const { stdout } = await cli(['describe', 'read-email', '--language', 'de']);
    expect(stdout).toContain('E-Mail lesen');
    expect(stdout).toContain('inlineContentLimit');
  });

  test('a wrong option says so and exits with 2', async () => {
    const { code, stderr } = await cli(['read', '-c', 'x.json', '--nonsense']);
    expect(code).toBe(2);
    expect(stderr).toContain('--nonsense');
  });
});

test('demo --once runs the main job and ends with 0', async () => {
  const { code, stdout } = await cli(['demo', '--once']);
  expect(code).toBe(0);
  expect(stdout).toContain('The whole way works.');
});

describe('what ends soon', () => {
  const ending = (days: number): Record<string, unknown> => {
    const secretExpiresOn = new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
    return { authentication: { ...connection.authentication, secretExpiresOn } };
  };
  const read = ['read', '--set', 'folder=INBOX', '--language', 'de'];

  test('is said at every run from 30 days before, on stderr, and the run goes on', async () => {
    const { code, stderr } = await cli([...read, ...onSandbox(ending(10))]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^! .*\d{4}-\d\d-\d\d/mu);
    const later = await cli([...read, ...onSandbox(ending(60))]);
    expect(later.stderr).not.toMatch(/^! /mu);
  });
});

describe('check --all', () => {
  test('says who has to do what, what works, and how to get the commands', async () => {
    sandbox.directory.mailbox(DEMO.people.anna.address).smtpClientAuthenticationDisabled = true;
    const { code, stdout } = await cli(['check', '--all', ...onSandbox()]);
    expect(code).toBe(12);
    for (const part of [
      'Application (client) ID: ' + DEMO.daemon.clientId,
      '✓ Read messages, reading, IMAP',
      '✗ Send messages, sending, SMTP',
      '✓ smtp.office365.com:587',
      `Set-CASMailbox -Identity ${DEMO.people.anna.address} -SmtpClientAuthenticationDisabled $false`,
      '--only smtp-closed-for-mailbox --output kit',
    ]) {
      expect(stdout).toContain(part);
    }
    expect(stdout).not.toContain(DEMO.daemon.clientSecret);
  });

  test('names each mailbox of a list', async () => {
    const { address } = DEMO.people.bernd;
    sandbox.directory.revokeFullAccess(address, DEMO.daemon.clientId);
    const { stdout } = await cli(['check', '--all', ...onSandbox({ allowedMailboxes: [address] })]);
    expect(stdout).toMatch(new RegExp(`✓ Mailbox opens .*${DEMO.people.anna.address}: passed`, 'u'));
    expect(stdout).toMatch(new RegExp(`✗ Mailbox opens .*${address}: failed`, 'u'));
  });
});

/** `m365-email sandbox`: a tenant in a box that stays up, with files that lead the other commands to it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { once } from 'node:events';
import { Option, type Command } from 'commander';
import { describeSwitches, SANDBOX_SWITCHES } from '../sandbox-switches.js';
import { openTerminal, styled } from '../terminal.js';

interface SandboxCommandOptions {
  readonly folder: string;
  readonly keep?: boolean;
  readonly listSwitches?: boolean;
  readonly break: readonly string[];
}

export function addSandboxCommand(program: Command): void {
  const names = Object.keys(SANDBOX_SWITCHES);
  program
    .command('sandbox')
    .description(
      'Start a Microsoft 365 tenant in a box on this machine, with seeded mailboxes in three languages.',
    )
    .option('--folder <folder>', 'where connection.json and net.json are written', 'sandbox')
    .option('--keep', 'keep the mailboxes in the folder for the next start')
    .addOption(
      new Option('--break <switch>', 'start in a broken state; may be repeated; --list-switches names them')
        .argParser((value: string, previous: string[]) => [...previous, value])
        .default([], 'none'),
    )
    .option('--list-switches', 'only name the switches')
    .addHelpText(
      'after',
      '\nWhile it runs, type the name of a switch and press Enter to flip it, Ctrl-C to stop.',
    )
    .action(async (options: SandboxCommandOptions) => {
      const terminal = openTerminal({});
      if (options.listSwitches === true) {
        terminal.say(describeSwitches().join('\n'));
        return;
      }
      const unknown = options.break.find((name) => SANDBOX_SWITCHES[name] === undefined);
      if (unknown !== undefined) {
        terminal.progress(`There is no switch ${unknown}. There are:\n${names.join('\n')}`);
        process.exitCode = 2;
        return;
      }
      // Only this command and the demo need the sandbox: a host that reads mail never loads it.
      const { DEMO, startSandbox } = await import('../../sandbox/index.js');
      const { folder } = options;
      mkdirSync(folder, { recursive: true });
      const sandbox = await startSandbox(options.keep === true ? { dataDir: join(folder, 'mailboxes') } : {});
      const broken = new Set(options.break);
      for (const name of broken) SANDBOX_SWITCHES[name]?.(sandbox, true);

      const net = { hosts: sandbox.hosts, trustedRoots: [sandbox.ca] };
      const connection = {
        tenant: sandbox.tenantId,
        mailbox: DEMO.people.anna.address,
        authentication: { method: 'client-secret', ...DEMO.daemon },
      };
      const legacy = {
        ...connection,
        authentication: {
          method: 'password',
          clientId: DEMO.signIn.clientId,
          userName: DEMO.people.anna.address,
          password: DEMO.people.anna.password,
        },
      };
      const asUser = (method: string) => ({
        ...connection,
        authentication: { method, clientId: DEMO.signIn.clientId },
      });
      const files = {
        'net.json': net,
        'connection.json': connection,
        'connection-sign-in.json': asUser('sign-in'),
        'connection-device-code.json': asUser('device-code'),
        'connection-password.json': legacy,
      };
      for (const [name, content] of Object.entries(files)) {
        writeFileSync(join(folder, name), `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
      }
      const use = `--connection ${join(folder, 'connection.json')} --net ${join(folder, 'net.json')}`;
      terminal.say(
        `${styled('bold', 'The sandbox is up.')} Mailboxes: ${Object.values(DEMO.people)
          .map(({ address }) => address)
          .join(', ')}, ${DEMO.sharedMailbox}`,
      );
      terminal.say(`  m365-email check ${use}`);
      terminal.say(`  m365-email list folders ${use}`);
      terminal.say(`  m365-email read ${use} --set folder=INBOX`);
      terminal.say(
        `  m365-email send ${use} --set 'to=[{"address":"${DEMO.people.bernd.address}"}]' --set subject=Hello --set text=Hi`,
      );
      terminal.say(
        `  m365-email connect --connection ${join(folder, 'connection-sign-in.json')} --net ${join(folder, 'net.json')}   (${DEMO.people.anna.address}, ${DEMO.people.anna.password})`,
      );
      terminal.say(
        `Type the name of one of ${String(names.length)} switches to break the tenant, again to mend it, ? for their names. Ctrl-C stops.`,
      );

      const lines = createInterface({ input: process.stdin });
      lines.on('line', (line) => {
        const name = line.trim();
        if (name === '?') {
          terminal.say(describeSwitches().join('\n'));
          return;
        }
        const flip = SANDBOX_SWITCHES[name];
        if (flip === undefined) {
          if (name !== '') terminal.say(`There is no switch ${name}. Type ? for their names.`);
          return;
        }
        const now = !broken.delete(name);
        if (now) broken.add(name);
        flip(sandbox, now);
        terminal.say(`${name}: ${now ? 'broken' : 'mended'}`);
      });
      await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
      lines.close();
      await sandbox.stop();
    });
}

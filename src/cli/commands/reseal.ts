/** `m365-email reseal`: after a change of the key, seals what the older key sealed anew. */
import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { Failure } from '../../errors/index.js';
import { defaultPlaces, openLocalStore, resealTokens } from '../../index.js';
import { openTerminal } from '../terminal.js';

interface ResealOptions {
  readonly state?: string;
  readonly key?: string;
  readonly json?: boolean;
  readonly language?: string;
}

export function addResealCommand(program: Command): void {
  const usual = defaultPlaces();
  program
    .command('reseal')
    .description(
      'After a change of the key: seal what an older key sealed with the first one. See docs/state.md.',
    )
    .option('--state <file>', 'database of sign-ins and tokens', usual.database)
    .option('--key <file>', 'file with the keys, the new one first; M365_EMAIL_KEY goes before it', usual.key)
    .option('--json', 'one JSON value on stdout, for programs')
    .option('--language <language>', 'en, de or es; default: that of the environment')
    .action(async ({ state: database, key, ...options }: ResealOptions) => {
      const terminal = openTerminal(options);
      try {
        const places = { database: database ?? usual.database, key: key ?? usual.key };
        // Opening would make a new one, and "0 entries" would look like success.
        if (!existsSync(places.database)) {
          throw new Failure('state-not-found', { parameters: { file: places.database } });
        }
        const { state, vault } = await openLocalStore({ places });
        try {
          const resealed = await resealTokens(state, vault);
          terminal.say(terminal.texts.text('cli.resealed', { count: resealed }));
          terminal.emit({ resealed });
        } finally {
          await state.close();
        }
      } catch (error) {
        terminal.fail(error);
      }
    });
}

/**
 * STORE: sets, adds or removes flags.
 */
import { badArgument, CommandFailure } from '../command-failure.js';
import { readFlags, renderFlags } from '../flags.js';
import type { ImapCommand } from '../session.js';
import { requireWritableView } from '../session-access.js';
import { readSelection } from '../selection.js';

export const store: ImapCommand = {
  needs: 'selected',
  freezesNumbers: true,
  async run(session, { name, arguments: args }) {
    const view = requireWritableView(session);
    const byUid = name === 'UID STORE';
    const selection = readSelection(view, args, byUid);
    args.space();
    const item = /^(?<sign>[+-]?)FLAGS(?<silent>\.SILENT)?$/iu.exec(
      args.takeWhile((char) => char !== ' '),
    )?.groups;
    if (item === undefined) throw badArgument();
    args.space();
    const named = readFlags(args);
    args.end();
    for (const { sequence, mail } of selection.filter((selected) => !selected.mail.expunged)) {
      view.folder.setFlags(mail, combine(mail.flags, item.sign ?? '', named), view);
      if (item.silent === undefined) {
        const uid = byUid ? ` UID ${mail.uid}` : '';
        await session.output.write(`* ${sequence} FETCH (FLAGS ${renderFlags(mail.flags)}${uid})\r\n`);
      }
    }
    if (selection.some(({ mail }) => mail.expunged)) {
      throw new CommandFailure('NO', 'Some of the requested messages no longer exist.');
    }
    return 'STORE completed.';
  },
};

function combine(current: ReadonlySet<string>, sign: string, named: readonly string[]): Set<string> {
  if (sign === '+') return new Set([...current, ...named]);
  if (sign === '-') return new Set([...current].filter((flag) => !named.includes(flag)));
  return new Set(named);
}

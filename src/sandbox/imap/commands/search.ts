/**
 * SEARCH and UID SEARCH.
 */
import type { ImapCommand } from '../session.js';
import { requireView } from '../session-access.js';
import { readSearchKeys } from '../search-keys.js';

export const search: ImapCommand = {
  needs: 'selected',
  freezesNumbers: true,
  async run(session, { name, arguments: args }) {
    const { mails } = requireView(session);
    const byUid = name === 'UID SEARCH';
    const matches = readSearchKeys(args);
    const largestSequence = mails.length;
    const largestUid = mails.at(-1)?.uid ?? 0;
    const found: number[] = [];
    for (const [index, mail] of mails.entries()) {
      const sequence = index + 1;
      if (!mail.expunged && matches({ mail, sequence, largestSequence, largestUid })) {
        found.push(byUid ? mail.uid : sequence);
      }
    }
    await session.send(['* SEARCH', ...found].join(' '));
    return 'SEARCH completed.';
  },
};

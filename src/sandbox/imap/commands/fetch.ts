/**
 * FETCH: renders the asked items of each message, bodies as slices of the stored bytes.
 */
import { readStructure } from '../../mime/part-cache.js';
import { reportSize, type StoredMail } from '../../store/mail-folder.js';
import { badArgument, CommandFailure } from '../command-failure.js';
import { findSection } from '../body-sections.js';
import { renderBodyStructure } from '../body-structure.js';
import { renderEnvelope } from '../envelope.js';
import type { FetchItem } from '../fetch-items.js';
import { readFetchItems } from '../fetch-items.js';
import { renderFlags } from '../flags.js';
import type { NumberedMail } from '../folder-view.js';
import type { ImapCommand, ImapSession } from '../session.js';
import { requireView } from '../session-access.js';
import { readSelection } from '../selection.js';
import { renderDateTime } from '../wire.js';

const FLAGS: FetchItem = { kind: 'simple', name: 'FLAGS' };
const UID: FetchItem = { kind: 'simple', name: 'UID' };

export const fetch: ImapCommand = {
  needs: 'selected',
  freezesNumbers: true,
  async run(session, { name, arguments: args }) {
    const view = requireView(session);
    const byUid = name === 'UID FETCH';
    const selection = readSelection(view, args, byUid);
    args.space();
    const items = readFetchItems(args);
    if (!args.isAtEnd()) throw badArgument();
    if (byUid && !hasSimple(items, 'UID')) items.unshift(UID);
    for (const selected of selection) {
      if (!selected.mail.expunged) await sendMail(session, selected, items);
    }
    if (selection.some(({ mail }) => mail.expunged)) {
      throw new CommandFailure('NO', 'Some of the requested messages no longer exist.');
    }
    return 'FETCH completed.';
  },
};

async function sendMail(
  session: ImapSession,
  { sequence, mail }: NumberedMail,
  items: readonly FetchItem[],
): Promise<void> {
  const view = requireView(session);
  const marksSeen = items.some((item) => item.kind === 'section' && item.marksSeen);
  let wanted = items;
  if (marksSeen && !view.isReadOnly && !mail.flags.has('\\Seen')) {
    view.folder.setFlags(mail, new Set([...mail.flags, '\\Seen']), view);
    if (!hasSimple(items, 'FLAGS')) wanted = [...items, FLAGS];
  }
  const { output } = session;
  await output.write(`* ${sequence} FETCH (`);
  for (const [index, item] of wanted.entries()) {
    if (index > 0) await output.write(' ');
    if (item.kind === 'simple') {
      await output.write(`${item.name} ${renderSimple(session, mail, item.name)}`);
      continue;
    }
    const bytes = cutPartial(
      findSection(mail.source.read(), readStructure(mail.source), item.section),
      item.partial,
    );
    if (bytes === undefined) {
      await output.write(`${item.label} NIL`);
    } else {
      await output.write(`${item.label} {${bytes.length}}\r\n`);
      await output.write(bytes);
    }
  }
  await output.write(')\r\n');
}

type SimpleName = Extract<FetchItem, { kind: 'simple' }>['name'];

function renderSimple(session: ImapSession, mail: StoredMail, name: SimpleName): string {
  switch (name) {
    case 'FLAGS':
      return renderFlags(mail.flags);
    case 'UID':
      return `${mail.uid}`;
    case 'INTERNALDATE':
      return renderDateTime(mail.internalDate);
    case 'RFC822.SIZE':
      return `${reportSize(mail, session.directory?.tenant.sizeEstimate === true)}`;
    case 'ENVELOPE':
      return renderEnvelope(mail.source.read(), readStructure(mail.source));
    case 'BODY':
    case 'BODYSTRUCTURE':
      return renderBodyStructure(mail.source.read(), readStructure(mail.source), name === 'BODYSTRUCTURE');
  }
}

function cutPartial(
  bytes: Buffer | undefined,
  partial: { readonly start: number; readonly length: number } | undefined,
): Buffer | undefined {
  return partial === undefined ? bytes : bytes?.subarray(partial.start, partial.start + partial.length);
}

function hasSimple(items: readonly FetchItem[], name: SimpleName): boolean {
  return items.some((item) => item.kind === 'simple' && item.name === name);
}

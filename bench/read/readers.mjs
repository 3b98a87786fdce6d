/**
 * Who takes part, what each is compared with, and what the connector must reach. Owns: the list alone; how each reads
 * is in readers/.
 */

/** `inlineContentLimit`: every attachment of the inbox is part of its record, as it is part of the peers' messages. */
const WHOLE = { limit: 10_000, inlineContentLimit: 25 * 1024 * 1024 };

/** Dovecot takes for read what was fetched over POP3. */
const ANY = { readState: 'any' };

export const READERS = [
  { name: 'raw-imap', label: 'raw IMAP socket', file: 'raw-imap.mjs', limit: true },
  {
    name: 'whole',
    label: 'connector, whole messages',
    file: 'connector.mjs',
    against: 'raw-imap',
    atLeast: 0.55,
    timesFastestPeer: 2.2,
    task: ({ folder }) => ({ config: { folder, ...WHOLE, ...ANY } }),
  },
  {
    name: 'text',
    label: 'connector, text only',
    file: 'connector.mjs',
    against: 'raw-imap',
    atLeast: 1,
    find: 'textOnly',
    task: ({ folder }) => ({ config: { folder, ...WHOLE, ...ANY, includeAttachments: false } }),
  },
  {
    name: 'imapflow',
    label: 'imapflow + mailparser',
    file: 'imapflow-mailparser.mjs',
    against: 'raw-imap',
    peer: true,
  },
  { name: 'node-red', label: 'node-red-node-email', file: 'node-red.mjs', against: 'raw-imap', peer: true },
  {
    name: 'python',
    label: 'Python imaplib + email',
    file: 'imaplib_email.py',
    against: 'raw-imap',
    peer: true,
  },
  { name: 'raw-large', label: 'raw IMAP socket, 100 MB', file: 'raw-imap.mjs', limit: true, large: true },
  {
    name: 'large',
    label: 'connector, 100 MB',
    file: 'connector-file.mjs',
    against: 'raw-large',
    atLeast: 0.5,
    megabytes: 200,
    large: true,
    task: ({ folder, files }) => ({
      config: { folder, ...ANY, attachmentFolder: files },
      fileFolders: [files],
    }),
  },
  { name: 'raw-pop3', label: 'raw POP3 socket', file: 'raw-pop3.mjs', limit: true },
  {
    name: 'pop3',
    label: 'connector, POP3',
    file: 'connector.mjs',
    against: 'raw-pop3',
    atLeast: 0.8,
    task: ({ folder }) => ({ config: { folder, ...WHOLE, transport: 'pop3' } }),
  },
];

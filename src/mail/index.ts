/** What other rooms may use of this one. */
export { openImapSession } from './imap/session.js';
export { explainPop3 } from './pop3/explain.js';
export { openPop3Session } from './pop3/session.js';
export { openSmtpSession } from './smtp/session.js';
export { xoauth2Response } from './sasl.js';
export { decodeText, parseAddresses, parseDate, parseMessageIds, rawField } from './mime/headers.js';
export { parseMessage, type ParsedAttachment, type ParsedMessage } from './mime/message.js';
export { partBytes } from './mime/part-stream.js';
export { composeMessage, type OutgoingMessage } from './mime/compose.js';
export type {
  Envelope,
  Folder,
  MailboxSession,
  MessageFacts,
  MessageQuery,
  MessageSource,
  OpenFolder,
  Outcome,
  Submission,
  SubmissionSession,
} from './ports.js';

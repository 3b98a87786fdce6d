/** What other rooms may use of this one. */
export { explainImap } from './imap/explain.js';
export { openImapReading } from './imap/reading-session.js';
export { explainGraph } from './graph/explain.js';
export type { GraphTokens } from './graph/client.js';
export type { GraphContext } from './graph/failures.js';
export { openGraphSession } from './graph/session.js';
export { openImapSession } from './imap/session.js';
export { explainPop3 } from './pop3/explain.js';
export { openPop3Session } from './pop3/session.js';
export { openSmtpSession } from './smtp/session.js';
export { xoauth2Response } from './sasl.js';
export { decodeText, parseAddresses, parseDate, parseMessageIds, rawField } from './mime/headers.js';
export { assembleMessage } from './mime/assemble.js';
export type { AttachmentSink } from './mime/attachment-intake.js';
export { decodeCharset } from './mime/charset.js';
export {
  parseMessage,
  type AttachmentHead,
  type ParsedAttachment,
  type ParsedMessage,
  type ParseLimits,
} from './mime/message.js';
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

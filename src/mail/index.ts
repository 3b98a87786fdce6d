/** What other rooms may use of this one. */
export { openImapReading } from './imap/reading-session.js';
export type { GraphTokens } from './graph/client.js';
export type { GraphContext } from './graph/failures.js';
export { openGraphSession } from './graph/session.js';
export { openGraphSubmission } from './graph/submission.js';
export { explain } from './explain.js';
export { openPop3Session } from './pop3/session.js';
export { resumingSession, type ResumeOptions } from './resuming-session.js';
export { openSmtpSession } from './smtp/session.js';
export { xoauth2Response } from './sasl.js';
export { receivedAtOf } from './mime/header-facts.js';
export {
  decodeText,
  firstField,
  parseAddresses,
  parseDate,
  parseHeaderBlock,
  parseMessageIds,
  rawField,
} from './mime/headers.js';
export { assembleMessage } from './mime/assemble.js';
export type { AttachmentSink } from './mime/attachment-intake.js';
export { decodeCharset } from './mime/charset.js';
export { statedCharset } from './mime/stated-charset.js';
export {
  parseMessage,
  type AttachmentHead,
  type ParsedAttachment,
  type ParsedMessage,
  type ParseLimits,
} from './mime/message.js';
export { attachmentOutline, attachmentOutlines } from './mime/outline.js';
export { attachmentsOf } from './mime/unpacked.js';
export * from './content/index.js';
export { partBytes } from './mime/part-stream.js';
export { composeMessage } from './mime/compose.js';
export type {
  ChangesPage,
  Condition,
  ConditionField,
  ConditionPlan,
  FetchedMessage,
  Json,
  LeafOutline,
  MailAction,
  MessageFacts,
  OpenedFolder,
  PlanReason,
  ReadingSession,
  ReadTransport,
  Wanted,
} from './reading.js';
export { notAccepted } from './sending.js';
export type {
  Envelope,
  Outcome,
  OutgoingAttachment,
  OutgoingMarks,
  OutgoingMessage,
  SendTransport,
  Submission,
  SubmissionSession,
} from './sending.js';

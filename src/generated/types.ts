/* Generated from schemas/ by scripts/generate-types.mjs. Do not edit: change the source and run `npm run generate`. */

/**
 * Fields of a mailing list (RFC 2369, RFC 2919); null when it is none.
 */
export type ListHeaders = {
  /**
   * List-Id without angle brackets.
   */
  id: string | null;
  /**
   * Name beside List-Id.
   */
  name: string | null;
  /**
   * Addresses.
   */
  post: string[];
  /**
   * Addresses.
   */
  help: string[];
  /**
   * Addresses.
   */
  subscribe: string[];
  /**
   * Addresses.
   */
  unsubscribe: string[];
  /**
   * A POST to the https address of unsubscribe is enough (RFC 8058).
   */
  oneClickUnsubscribe: boolean;
  /**
   * Addresses.
   */
  owner: string[];
  /**
   * Addresses.
   */
  archive: string[];
} | null;
/**
 * A report that a machine made: on delivery, of a receipt, or a complaint.
 */
export type MailReport = DeliveryReport | DispositionReport | FeedbackReport;
/**
 * Who invites.
 */
export type CalendarPerson = {
  /**
   * Without mailto:.
   */
  address: string;
  /**
   * Display name; empty when there is none.
   */
  name: string;
} | null;
/**
 * The rule, taken apart.
 */
export type CalendarRule = {
  /**
   * YEARLY, MONTHLY, WEEKLY, DAILY, HOURLY, MINUTELY or SECONDLY.
   */
  frequency: string;
  /**
   * Every so many.
   */
  interval: number;
  /**
   * How often in all.
   */
  count: number | null;
  /**
   * As written.
   */
  until: string | null;
  /**
   * For example MO, or -1SU for the last Sunday.
   */
  byDay: string[];
  /**
   * Months.
   */
  byMonth: number[];
  /**
   * Days of the month.
   */
  byMonthDay: number[];
  /**
   * Which of the set.
   */
  bySetPosition: number[];
} | null;
/**
 * As the certificate claims; it is not checked against any authority.
 */
export type CertificateFacts = {
  /**
   * Distinguished name.
   */
  subject: string;
  /**
   * Address.
   */
  email: string | null;
  /**
   * Who issued it.
   */
  issuer: string;
  /**
   * Hexadecimal.
   */
  serialNumber: string;
  /**
   * ISO 8601, UTC.
   */
  notBefore: string | null;
  /**
   * ISO 8601, UTC.
   */
  notAfter: string | null;
} | null;
/**
 * Bytes of an attachment: in the record up to a limit, beyond it behind a reference that openContent() opens until the batch is settled.
 */
export type Content = InlineContent | ReferencedContent;
/**
 * What happened; docs/messages.md explains each.
 */
export type WarningCode =
  | 'charset-mismatch'
  | 'charset-unknown'
  | 'characters-removed'
  | 'encoding-unknown'
  | 'uuencode-incomplete'
  | 'boundary-missing'
  | 'message-partial'
  | 'external-body'
  | 'header-too-long'
  | 'nesting-too-deep'
  | 'too-many-parts'
  | 'body-cut'
  | 'attachment-name-changed'
  | 'not-opened'
  | 'calendar-component-left-out'
  | 'calendar-cut'
  | 'calendar-further-left-out'
  | 'calendar-line-cut'
  | 'calendar-line-unreadable'
  | 'calendar-time-unreadable'
  | 'calendar-too-deep'
  | 'calendar-too-many-attendees'
  | 'calendar-too-many-events'
  | 'calendar-too-many-times'
  | 'calendar-unreadable'
  | 'calendar-value-unreadable'
  | 'calendar-zone-unknown'
  | 'html-cut'
  | 'html-nesting-too-deep'
  | 'html-too-many-tags'
  | 'key-left-out'
  | 'number-inexact'
  | 'report-cut'
  | 'report-too-many-recipients'
  | 'report-without-disposition'
  | 'report-without-recipient'
  | 'rows-left-out'
  | 'rows-of-different-length'
  | 'rtf-as-text'
  | 'rtf-checksum'
  | 'rtf-cut'
  | 'rtf-too-deep'
  | 'rtf-truncated'
  | 'rtf-unreadable'
  | 'smime-encrypted'
  | 'smime-too-large'
  | 'smime-too-many-signers'
  | 'smime-unknown'
  | 'smime-unreadable'
  | 'smime-without-content'
  | 'text-cut'
  | 'tnef-checksum'
  | 'tnef-garbage'
  | 'tnef-properties-damaged'
  | 'tnef-too-deep'
  | 'tnef-too-many-files'
  | 'tnef-truncated'
  | 'tnef-unreadable';
/**
 * Bytes of an attachment to send: in the record, behind a reference of Read Email, or in a file.
 */
export type OutgoingContent = Content | FileContent;
/**
 * What Microsoft's servers answer when something is wrong, and which failure each answer is.
 *
 * @minItems 1
 */
export type ReplyCatalogue = [ReplyEntry, ...ReplyEntry[]];

export interface AllSchemas {
  'activities/read-email/config.schema.json'?: ReadEmailConfig;
  'activities/read-email/request.schema.json'?: ReadEmailRequest;
  'activities/read-email/response.schema.json'?: EmailRecord;
  'activities/send-email/config.schema.json'?: SendEmailConfig;
  'activities/send-email/request.schema.json'?: SendEmailRequest;
  'activities/send-email/response.schema.json'?: SendEmailResponse;
  'common/address.schema.json'?: EmailAddress;
  'common/attachment.schema.json'?: Attachment;
  'common/calendar-time.schema.json'?: CalendarTime;
  'common/check.schema.json'?: Check;
  'common/content.schema.json'?: Content;
  'common/failure.schema.json'?: FailureReport;
  'common/folder.schema.json'?: Folder;
  'common/mail-calendar.schema.json'?: MailCalendar;
  'common/mail-report.schema.json'?: MailReport;
  'common/message-signature.schema.json'?: MessageSignature;
  'common/original-message.schema.json'?: OriginalMessage;
  'common/outgoing-content.schema.json'?: OutgoingContent;
  'common/problem.schema.json'?: FieldProblem;
  'common/received-address.schema.json'?: ReceivedAddress;
  'common/received-attachment.schema.json'?: ReceivedAttachment;
  'common/settle-outcome.schema.json'?: SettleOutcome;
  'common/settled.schema.json'?: Settled;
  'common/transcript.schema.json'?: TranscriptBundle;
  'connections/microsoft365.schema.json'?: Microsoft365Connection;
  'features.schema.json'?: FeatureCatalogue;
  'manifest.schema.json'?: Manifest;
  'permissions.schema.json'?: PermissionCatalogue;
  'replies.schema.json'?: ReplyCatalogue;
  'transports.schema.json'?: TransportCatalogue;
  'ui.schema.json'?: FormLayer;
}
/**
 * Settings of a Read Email activity.
 */
export interface ReadEmailConfig {
  /**
   * Mailbox to read. Default: the connection's mailbox.
   */
  mailbox?: string;
  /**
   * Protocol by which the mailbox is read. Records are the same over each; docs/reference/transports.md says what each can do.
   */
  transport?: 'imap' | 'pop3' | 'graph';
  /**
   * Path of the folder, levels separated as the server does (Exchange: /); a well-known name (inbox, archive, sentitems, deleteditems, junkemail, drafts); or `id:` and an id where the transport has ids.
   */
  folder: string;
  /**
   * Read the folders below it too, one after the other.
   */
  includeSubfolders?: boolean;
  /**
   * matching: whatever matches, at every run. new: what has come since the last run; the reading position is kept per activity and moves only when records are settled.
   */
  take?: 'matching' | 'new';
  /**
   * Where the first run of `take: new` starts.
   */
  startAt?: 'now' | 'beginning' | 'date';
  /**
   * For `startAt: date`: messages received at or after this instant.
   */
  startDate?: string;
  /**
   * Which messages come first when there are more than the limit. With `take: new` always the oldest.
   */
  order?: 'oldest-first' | 'newest-first';
  /**
   * Most messages per run; the rest is left for the next run.
   */
  limit?: number;
  /**
   * Which messages to take, by their read mark. Default: unread with `take: matching`, any with `take: new` and over POP3, which knows no read marks.
   */
  readState?: 'unread' | 'read' | 'any';
  /**
   * By the follow-up flag.
   */
  flagged?: 'any' | 'flagged' | 'not-flagged';
  /**
   * Part of an author's name or address. Upper and lower case are the same.
   */
  from?: string;
  /**
   * Part of a recipient's name or address. Upper and lower case are the same.
   */
  to?: string;
  /**
   * Part of a copy recipient's name or address. Upper and lower case are the same.
   */
  cc?: string;
  /**
   * Part of the subject. Upper and lower case are the same.
   */
  subject?: string;
  /**
   * Part of the text of the message. Upper and lower case are the same.
   */
  body?: string;
  /**
   * Name of any header field, for example List-Id.
   */
  header?: string;
  /**
   * Part of the value of that header field; left out: the field only has to be there.
   */
  headerContains?: string;
  /**
   * Only messages received at or after this instant (RFC 3339, with time zone).
   */
  receivedSince?: string;
  /**
   * Only messages received before this instant.
   */
  receivedBefore?: string;
  /**
   * Only messages whose Date is at or after this instant.
   */
  sentSince?: string;
  /**
   * Only messages whose Date is before this instant.
   */
  sentBefore?: string;
  /**
   * Whether the message has an attachment. Images that belong to the HTML do not count.
   */
  withAttachment?: 'any' | 'with' | 'without';
  /**
   * Messages with an attachment of such a name: patterns with * and ?, separated by semicolons, for example *.pdf; *.xml.
   */
  attachmentName?: string;
  /**
   * Messages with an attachment of such a media type: separated by semicolons, for example application/pdf; image/*.
   */
  attachmentType?: string;
  /**
   * Messages with an attachment of at least this many bytes.
   */
  attachmentMinSize?: number;
  /**
   * Messages with an attachment of at most this many bytes.
   */
  attachmentMaxSize?: number;
  /**
   * Only messages of at least this many bytes, as the server states the size (Exchange estimates it).
   */
  minSize?: number;
  /**
   * Only messages of at most this many bytes, as the server states the size (Exchange estimates it).
   */
  maxSize?: number;
  /**
   * By the importance that the sender gave it.
   */
  importance?: 'any' | 'low' | 'normal' | 'high';
  /**
   * Message-ID with angle brackets: only that message and those that refer to it.
   */
  conversation?: string;
  /**
   * For experts: the server's own search language. IMAP: SEARCH keys (RFC 3501 section 6.4.4). Graph: $filter.
   */
  search?: string;
  /**
   * Make the text from the HTML where a message has only HTML.
   */
  textFromHtml?: boolean;
  /**
   * Deliver the HTML without scripts, forms, frames and remote content. Off: as it was sent.
   */
  safeHtml?: boolean;
  /**
   * Deliver also what the sender wrote anew, without the quoted messages below it.
   */
  uniqueBody?: boolean;
  /**
   * Messages inside the message: attachment: one file (.eml) each. expand: their attachments are listed as well.
   */
  nestedMessages?: 'attachment' | 'expand';
  /**
   * Deliver the source of the message (.eml) too, as content.
   */
  rawMessage?: boolean;
  /**
   * Deliver the content of attachments. Off: they are listed, and not downloaded where the transport can leave them out.
   */
  includeAttachments?: boolean;
  /**
   * Deliver only attachments whose name fits one of these patterns (* and ?, separated by semicolons).
   */
  attachmentsOnly?: string;
  /**
   * Do not deliver attachments whose name fits one of these patterns.
   */
  attachmentsExcept?: string;
  /**
   * Deliver only attachments of these media types, separated by semicolons, for example application/pdf; image/*.
   */
  attachmentTypes?: string;
  /**
   * Deliver attachments that belong to the HTML (logos, signatures) as well.
   */
  inlineImages?: boolean;
  /**
   * Largest attachment that is delivered; a larger one is listed with the reason.
   */
  attachmentMaxBytes?: number;
  /**
   * Most bytes of attachments per message; what is beyond is listed with the reason.
   */
  messageMaxBytes?: number;
  /**
   * Most bytes of attachments per run; what is beyond is listed with the reason.
   */
  runMaxBytes?: number;
  /**
   * Attachments up to this many bytes are part of the record (base64); larger ones are opened through a reference.
   */
  inlineContentLimit?: number;
  /**
   * Larger attachments are written into this folder, which must lie in one that the operator allows, instead of being handed over as a reference.
   */
  attachmentFolder?: string;
  /**
   * text: text attachments that are part of the record also as text in their character set. data: CSV, JSON and XML ones also as data.
   */
  attachmentContent?: 'bytes' | 'text' | 'data';
  /**
   * What happens to a message once its record has been processed. delete: to Deleted Items. delete-permanently: cannot be undone; the only one that POP3 has.
   */
  afterRead?:
    'none' | 'mark-read' | 'mark-unread' | 'flag' | 'move' | 'copy' | 'delete' | 'delete-permanently';
  /**
   * Folder to move or copy to; as `folder`.
   */
  afterReadFolder?: string;
  /**
   * Create that folder when it is missing.
   */
  createFolder?: boolean;
  /**
   * With `delete-permanently`: keep the message this many days after it was received.
   */
  deleteAfterDays?: number;
  /**
   * A record that could not be processed so often is parked, so that it holds up nothing; it can be replayed. Needs an activity id.
   */
  maxAttempts?: number;
}
/**
 * Values that one run may set in place of the activity's settings.
 */
export interface ReadEmailRequest {
  /**
   * Mailbox to read; must be the activity's own or one that the connection allows.
   */
  mailbox?: string;
  /**
   * Only messages received at or after this instant.
   */
  receivedSince?: string;
  /**
   * Most messages in this run.
   */
  limit?: number;
  /**
   * Only messages received before this instant.
   */
  receivedBefore?: string;
  /**
   * Message-ID with angle brackets: only that message and those that refer to it.
   */
  conversation?: string;
}
/**
 * One message that was read.
 */
export interface EmailRecord {
  /**
   * Where the message was: mailbox, folder, uidValidity and uid. Unique; settle() takes it.
   */
  key: string;
  /**
   * What the message is: the same after a move, a copy, or over another transport.
   */
  contentKey: string;
  /**
   * Address of the mailbox.
   */
  mailbox: string;
  /**
   * Path of the folder.
   */
  folder: string;
  /**
   * Protocol by which the message was read.
   */
  transport: 'imap' | 'pop3' | 'graph';
  /**
   * Id of the message in its folder: the UID, POP3's UIDL, or Graph's immutable id.
   */
  id: string;
  /**
   * UIDVALIDITY of the folder (RFC 3501 section 2.3.1.1); null over other transports.
   */
  uidValidity: string | null;
  /**
   * UID of the message in the folder; null over other transports.
   */
  uid: number | null;
  /**
   * Message-ID with its angle brackets; null when the message has none.
   */
  messageId: string | null;
  /**
   * In-Reply-To.
   */
  inReplyTo: string | null;
  /**
   * References, oldest first.
   */
  references: string[];
  /**
   * Subject, decoded; empty when missing.
   */
  subject: string;
  /**
   * Authors.
   */
  from: ReceivedAddress[];
  /**
   * The mailbox that sent on the authors' behalf.
   */
  sender: ReceivedAddress[];
  /**
   * Where replies go.
   */
  replyTo: ReceivedAddress[];
  /**
   * Recipients.
   */
  to: ReceivedAddress[];
  /**
   * Copy recipients.
   */
  cc: ReceivedAddress[];
  /**
   * Blind copy recipients, where the message still names them.
   */
  bcc: ReceivedAddress[];
  /**
   * Date header as an instant; null when missing or unreadable.
   */
  sentAt: string | null;
  /**
   * When the server took the message in (INTERNALDATE); over POP3 the topmost Received field, null without one.
   */
  receivedAt: string | null;
  /**
   * Whether the message was marked read when it was read; null over POP3, which knows no read marks.
   */
  isRead: boolean | null;
  /**
   * IMAP flags, for example \Seen.
   */
  flags: string[];
  /**
   * As the sender set it (Importance, X-Priority, Priority).
   */
  importance: 'low' | 'normal' | 'high';
  /**
   * Who wants a read receipt (RFC 8098); empty when nobody does.
   */
  readReceiptTo: ReceivedAddress[];
  automatic: AutomaticSigns;
  list: ListHeaders;
  report?: MailReport;
  calendar?: MailCalendar;
  /**
   * Form of S/MIME, if it is one. Signed and compressed messages are unwrapped; encrypted ones are delivered as they are.
   */
  smime?: 'signed' | 'encrypted' | 'compressed' | 'certificates' | 'unknown';
  signature?: MessageSignature;
  /**
   * Size of the source in bytes: counted while reading, or as the server states it where attachments were left out.
   */
  size: number;
  /**
   * Plain text body; null when the message has none.
   */
  text: string | null;
  /**
   * What the text is from: the message's plain text, or made from its HTML because the settings ask for it.
   */
  textSource: 'plain' | 'html' | null;
  /**
   * HTML body as sent, not sanitised; null when the message has none.
   */
  html: string | null;
  /**
   * What is new in the text, without the quoted messages; when it is not sure where they begin, all of it.
   */
  uniqueText?: string;
  /**
   * The same of the HTML.
   */
  uniqueHtml?: string;
  /**
   * All header fields of the message in order.
   */
  headers: HeaderField[];
  /**
   * Everything that is not a body.
   */
  attachments: ReceivedAttachment[];
  /**
   * What could not be decoded or had to be changed.
   */
  warnings: MessageWarning[];
  raw?: Content;
}
/**
 * An address as a received message states it. Foreign mail may hold anything, so nothing is refused here.
 */
export interface ReceivedAddress {
  /**
   * Display name, decoded; empty when there is none.
   */
  name: string;
  /**
   * Address as written; empty when the header holds a name only.
   */
  address: string;
}
/**
 * Whether a machine made the message.
 */
export interface AutomaticSigns {
  /**
   * An answer, a notice or a report that a machine made. Mail of lists is written by people and does not count.
   */
  isAutomatic: boolean;
  /**
   * Keyword of Auto-Submitted (RFC 3834) in lower case.
   */
  autoSubmitted: string | null;
  /**
   * False when an automatic answer would be wrong: to machines, lists, bulk mail, and where the sender asks for none.
   */
  mayBeAnswered: boolean;
  /**
   * The fields that tell, for example "Precedence: bulk".
   */
  signs: string[];
}
/**
 * Delivery status (RFC 3464).
 */
export interface DeliveryReport {
  kind: 'delivery-status';
  /**
   * Server that reports.
   */
  reportingMta: string | null;
  /**
   * Server that it had the message from.
   */
  receivedFromMta: string | null;
  /**
   * ENVID of the sender.
   */
  originalEnvelopeId: string | null;
  /**
   * ISO 8601, UTC.
   */
  arrivalDate: string | null;
  /**
   * Each recipient.
   */
  recipients: ReportedRecipient[];
  /**
   * The message that the report is about, as far as the report carries it.
   */
  original: OriginalMessage | null;
}
/**
 * What became of the message for one recipient.
 */
export interface ReportedRecipient {
  /**
   * Address that it was sent to in the end.
   */
  finalRecipient: string | null;
  /**
   * Address that the sender gave.
   */
  originalRecipient: string | null;
  /**
   * failed, delayed, delivered, relayed, expanded, or what the server wrote.
   */
  action: string | null;
  /**
   * Enhanced status code (RFC 3463), for example 5.1.1.
   */
  status: string | null;
  /**
   * Of the enhanced status: 5, 4 or 2.
   */
  severity: 'permanent' | 'temporary' | 'success' | null;
  /**
   * What the remote server said.
   */
  diagnosticCode: string | null;
  /**
   * Type of the diagnostic, mostly smtp.
   */
  diagnosticType: string | null;
  /**
   * Server that said it.
   */
  remoteMta: string | null;
  /**
   * ISO 8601, UTC.
   */
  lastAttempt: string | null;
  /**
   * ISO 8601, UTC.
   */
  willRetryUntil: string | null;
}
/**
 * The message that the report is about, as far as the report carries it.
 */
export interface OriginalMessage {
  /**
   * Message-ID.
   */
  messageId: string | null;
  /**
   * Subject.
   */
  subject: string | null;
  /**
   * Authors.
   */
  from: ReceivedAddress[];
  /**
   * Recipients.
   */
  to: ReceivedAddress[];
  /**
   * ISO 8601, UTC.
   */
  date: string | null;
}
/**
 * Read receipt (RFC 8098).
 */
export interface DispositionReport {
  kind: 'disposition-notification';
  /**
   * Program that reports.
   */
  reportingUa: string | null;
  /**
   * Who read it.
   */
  finalRecipient: string | null;
  /**
   * Whom it was sent to.
   */
  originalRecipient: string | null;
  /**
   * Message-ID of the message.
   */
  originalMessageId: string | null;
  /**
   * displayed, deleted, dispatched or processed.
   */
  disposition: string | null;
  /**
   * For example error or expired.
   */
  modifiers: string[];
  /**
   * Whether a person confirmed.
   */
  actionMode: 'manual' | 'automatic' | null;
  /**
   * Whether a person sent the receipt.
   */
  sendingMode: 'manual' | 'automatic' | null;
  /**
   * Errors.
   */
  errors: string[];
  /**
   * The message that the report is about, as far as the report carries it.
   */
  original: OriginalMessage | null;
}
/**
 * Complaint about mail (RFC 5965).
 */
export interface FeedbackReport {
  kind: 'feedback-report';
  /**
   * abuse, fraud, virus, not-spam or other.
   */
  feedbackType: string | null;
  /**
   * Program that reports.
   */
  userAgent: string | null;
  /**
   * Envelope sender.
   */
  originalMailFrom: string | null;
  /**
   * Envelope recipients.
   */
  originalRcptTo: string[];
  /**
   * ISO 8601, UTC.
   */
  arrivalDate: string | null;
  /**
   * Address it came from.
   */
  sourceIp: string | null;
  /**
   * Domains.
   */
  reportedDomains: string[];
  /**
   * Addresses of pages.
   */
  reportedUris: string[];
  /**
   * How many.
   */
  incidents: number | null;
  /**
   * The message that the report is about, as far as the report carries it.
   */
  original: OriginalMessage | null;
}
/**
 * An invitation, an answer to one or another calendar that came as text/calendar (RFC 5546).
 */
export interface MailCalendar {
  /**
   * REQUEST, REPLY, CANCEL, COUNTER, PUBLISH …
   */
  method: string | null;
  /**
   * Program that made it.
   */
  productId: string | null;
  /**
   * Events.
   */
  events: CalendarEvent[];
}
/**
 * One event (RFC 5545 section 3.6.1).
 */
export interface CalendarEvent {
  /**
   * Identifies the event over all messages about it.
   */
  uid: string | null;
  /**
   * The instance of a recurring event that this is about.
   */
  recurrenceId: CalendarTime | null;
  /**
   * Grows with each change.
   */
  sequence: number;
  /**
   * confirmed, tentative or cancelled.
   */
  status: string | null;
  /**
   * Title.
   */
  summary: string | null;
  /**
   * Text.
   */
  description: string | null;
  /**
   * Place.
   */
  location: string | null;
  /**
   * Beginning.
   */
  start: CalendarTime | null;
  /**
   * Behind the last moment, and behind the last day of whole days.
   */
  end: CalendarTime | null;
  /**
   * Whole days.
   */
  allDay: boolean;
  organizer: CalendarPerson;
  /**
   * Who is invited.
   */
  attendees: CalendarAttendee[];
  /**
   * Rules of recurrence.
   */
  recurrence: CalendarRecurrence[];
  /**
   * Instances that do not take place.
   */
  exceptions: CalendarTime[];
  /**
   * Instances beside those of the rule.
   */
  additions: CalendarTime[];
}
/**
 * A moment or a day of an event.
 */
export interface CalendarTime {
  /**
   * As written, in the form 2026-11-02T09:30:00, with Z when it is UTC; 2026-11-02 for a whole day.
   */
  written: string;
  /**
   * Time zone as written; UTC for times with Z; null for a local time without one and for whole days.
   */
  timeZone: string | null;
  /**
   * ISO 8601, UTC; null for whole days, for times without a zone, and where the zone is not known.
   */
  instant: string | null;
}
/**
 * Who is invited.
 */
export interface CalendarAttendee {
  /**
   * Without mailto:.
   */
  address: string;
  /**
   * Display name; empty when there is none.
   */
  name: string;
  /**
   * req-participant, opt-participant, non-participant or chair.
   */
  role: string;
  /**
   * needs-action, accepted, declined, tentative or delegated.
   */
  status: string;
  /**
   * An answer is asked for.
   */
  rsvp: boolean;
  /**
   * individual, group, resource, room or unknown.
   */
  kind: string;
}
/**
 * A rule of recurrence (RFC 5545 section 3.3.10).
 */
export interface CalendarRecurrence {
  /**
   * The RRULE as written.
   */
  text: string;
  rule: CalendarRule;
}
/**
 * Signature of the message (S/MIME). Says whether the content is what the holder of a certificate's key signed; whom the certificate belongs to is not checked.
 */
export interface MessageSignature {
  /**
   * Around the content, or a part beside it.
   */
  kind: 'opaque' | 'detached';
  /**
   * How many signed.
   */
  signers: number;
  /**
   * content-intact: the content is what was signed. content-changed: it is not. not-checked: see because.
   */
  verified: 'content-intact' | 'content-changed' | 'not-checked';
  /**
   * Why it was not checked.
   */
  because:
    'no-certificate' | 'no-content' | 'no-signer' | 'too-many-signers' | 'algorithm' | 'unreadable' | null;
  /**
   * For example sha256.
   */
  digest: string | null;
  /**
   * As the signer claims; ISO 8601, UTC.
   */
  signingTime: string | null;
  signer: CertificateFacts;
}
export interface HeaderField {
  /**
   * Field name as written.
   */
  name: string;
  /**
   * Value, unfolded, encoded words decoded.
   */
  value: string;
}
/**
 * A part of a received message that is not its text or HTML body.
 */
export interface ReceivedAttachment {
  /**
   * Part number as IMAP counts (RFC 3501 section 6.4.5), for example 2.1.
   */
  part: string;
  /**
   * File name made safe: no folder parts, no control characters, never empty.
   */
  name: string;
  /**
   * Media type in lower case, for example application/pdf.
   */
  contentType: string;
  /**
   * inline: an image or file that the HTML body shows.
   */
  disposition: 'attachment' | 'inline';
  /**
   * Content-ID without angle brackets.
   */
  contentId: string | null;
  /**
   * Decoded size in bytes; worked out from what the server states where the attachment was not downloaded.
   */
  size: number;
  /**
   * SHA-256 of the decoded bytes, in hex; null where the attachment was not downloaded.
   */
  sha256: string | null;
  content?: Content;
  /**
   * Why the content is not delivered; missing where it is.
   */
  omitted?: 'switched-off' | 'name' | 'type' | 'inline' | 'too-large' | 'message-limit' | 'run-limit';
  /**
   * Where the content was written to, when the settings name a folder.
   */
  file?: string;
  /**
   * A text attachment as text in its character set, when the settings ask for it.
   */
  text?: string;
  /**
   * A CSV, JSON or XML attachment as data, when the settings ask for it. CSV: an object with delimiter, columns (the names in the first row, made unique) and rows (objects by column, all values as text).
   */
  data?: {} | unknown[] | string | number | boolean | null;
  /**
   * Why it could not be read as data: too-large, too-deep, malformed …
   */
  dataProblem?: string;
}
export interface InlineContent {
  /**
   * The bytes in base64 (RFC 4648 section 4), without line breaks.
   */
  inline: string;
}
export interface ReferencedContent {
  /**
   * Opaque reference made by Read Email.
   */
  ref: string;
}
export interface MessageWarning {
  code: WarningCode;
  /**
   * Part number, where one part is concerned.
   */
  part?: string;
  /**
   * The offending value, shortened.
   */
  detail?: string;
}
/**
 * Settings of a Send Email activity: what every message shares.
 */
export interface SendEmailConfig {
  /**
   * How messages are handed to Microsoft 365. What arrives is the same. Over Graph a sender other than the mailbox, and files over 2 MB, also take the permission Mail.ReadWrite.
   */
  transport?: 'smtp' | 'graph';
  /**
   * Mailbox that sends. Default: the connection's mailbox.
   */
  mailbox?: string;
  from?: EmailAddress;
  /**
   * Recipients.
   *
   * @maxItems 500
   */
  to?: EmailAddress[];
  /**
   * Copy recipients.
   *
   * @maxItems 500
   */
  cc?: EmailAddress[];
  /**
   * Blind copy recipients.
   *
   * @maxItems 500
   */
  bcc?: EmailAddress[];
  /**
   * Where replies go.
   *
   * @maxItems 50
   */
  replyTo?: EmailAddress[];
  /**
   * Subject, one line.
   */
  subject?: string;
  /**
   * Plain text body.
   */
  text?: string;
  /**
   * HTML body.
   */
  html?: string;
  /**
   * Subject, text and HTML of these settings are Liquid templates, filled from the record’s data. In HTML all values are escaped.
   */
  template?: boolean;
  /**
   * How many recipients a message may have: what Exchange is set to for the mailbox.
   */
  recipientsPerMessage?: number;
  /**
   * refuse: a message with more recipients is not sent. split: it is sent in several messages, each of which shows its own recipients only.
   */
  tooManyRecipients?: 'refuse' | 'split';
  /**
   * How often a message is tried that is certain not to have been accepted and may be later.
   */
  attempts?: number;
  /**
   * How long a message may wait within a run for its turn under the limits of Microsoft 365, or for its next try. A longer wait is not begun: the message is answered as deferred.
   */
  longestWaitMinutes?: number;
  /**
   * continue: the next message is sent. stop: the run ends after the first message that is not accepted; one message is sent at a time then, and those behind it are not answered.
   */
  onFailure?: 'continue' | 'stop';
  /**
   * Marks the messages as sent by a program (RFC 3834), so that no program answers them.
   */
  automatic?: boolean;
  /**
   * How many answers one address gets from a mailbox in 24 hours, counted where the messages are marked as sent by a program. Beyond it they are rejected: two programs may be answering each other.
   */
  answersPerCorrespondent?: number;
}
/**
 * One mailbox as RFC 5322 writes it: an address and, if known, the display name.
 */
export interface EmailAddress {
  /**
   * Display name. No control characters, so no line break can start a header of its own.
   */
  name?: string;
  /**
   * Address of the form local@domain.
   */
  address: string;
}
/**
 * One message to send. A value given here takes the place of the activity's.
 */
export interface SendEmailRequest {
  /**
   * Mailbox that sends; must be the activity's own or one that the connection allows.
   */
  mailbox?: string;
  from?: EmailAddress;
  /**
   * Recipients: a list, or a text of addresses separated by commas or semicolons, with or without names.
   *
   * @maxItems 10000
   */
  to?: EmailAddress[] | string;
  /**
   * Copy recipients: a list, or a text of addresses separated by commas or semicolons, with or without names.
   *
   * @maxItems 10000
   */
  cc?: EmailAddress[] | string;
  /**
   * Blind copy recipients: a list, or a text of addresses separated by commas or semicolons, with or without names.
   *
   * @maxItems 10000
   */
  bcc?: EmailAddress[] | string;
  /**
   * Where replies go: a list, or a text of addresses separated by commas or semicolons, with or without names.
   *
   * @maxItems 50
   */
  replyTo?: EmailAddress[] | string;
  /**
   * Subject, one line.
   */
  subject?: string;
  /**
   * Plain text body.
   */
  text?: string;
  /**
   * HTML body.
   */
  html?: string;
  data?: TemplateData;
  /**
   * Files to send.
   *
   * @maxItems 250
   */
  attachments?: Attachment[];
  /**
   * Your name for this message within the activity: however often it is given, it is sent once. Needs an activity id.
   */
  idempotencyKey?: string;
  /**
   * Importance as mail programs mark it.
   */
  importance?: 'low' | 'normal' | 'high';
  /**
   * Sensitivity (RFC 4021): a mark for readers, no protection.
   */
  sensitivity?: 'normal' | 'personal' | 'private' | 'confidential';
  /**
   * Words for the Keywords header.
   *
   * @maxItems 50
   */
  categories?: string[];
  /**
   * Asks the reader's program for a receipt to the sender shown (RFC 8098).
   */
  readReceipt?: boolean;
  /**
   * Asks the servers of the recipients to report when the message was delivered, is late or could not be delivered (RFC 3461). Over Graph this also takes the permission Mail.ReadWrite.
   */
  deliveryReceipt?: boolean;
  /**
   * Message-ID of the message that this one answers, with its angle brackets.
   */
  inReplyTo?: string;
  /**
   * Message-IDs of the conversation so far, the oldest first.
   *
   * @maxItems 100
   */
  references?: string[];
  answerTo?: AnswerTo;
  calendar?: CalendarInvitation;
  /**
   * Header fields of your own.
   *
   * @maxItems 50
   */
  headers?: OwnHeader[];
}
/**
 * Values that fill the activity’s templates, for example {"customer": {"name": "Ana"}} for {{ customer.name }}. Never taken for a template.
 */
export interface TemplateData {
  [k: string]: unknown;
}
/**
 * A file to send.
 */
export interface Attachment {
  /**
   * File name shown to the recipient: no folder parts, no control characters.
   */
  name: string;
  /**
   * Media type, for example text/csv. Derived from the name when missing.
   */
  contentType?: string;
  /**
   * Content-ID without angle brackets; makes the file inline, shown where the HTML says cid:…
   */
  contentId?: string;
  content: OutgoingContent;
}
export interface FileContent {
  /**
   * Path of a file in a folder that the operator allows, from that folder or whole. Read when the message is sent.
   */
  file: string;
}
/**
 * The message that this one answers or forwards: recipients, subject, conversation and quote follow from it where the record names none.
 */
export interface AnswerTo {
  /**
   * reply: to whom answers go. reply-all: to all others as well, without this mailbox. forward: to the recipients of the record or the activity, with the files.
   */
  how: 'reply' | 'reply-all' | 'forward';
  message: AnsweredMessage;
  /**
   * The message stands below the text.
   */
  quote?: boolean;
  /**
   * Takes the files along: all of them when forwarding, else those that the quote shows.
   */
  attachments?: boolean;
  /**
   * Answers what is not answered otherwise: automatic, bulk and own mail, and lists. Never what has an empty return path.
   */
  anyway?: boolean;
}
/**
 * The record of Read Email as it is; fields that are not needed do no harm.
 */
export interface AnsweredMessage {
  /**
   * Message-ID: what the conversation is known by.
   */
  messageId?: string | null;
  /**
   * In-Reply-To.
   */
  inReplyTo?: string | null;
  /**
   * References, oldest first.
   */
  references?: string[];
  /**
   * Mailbox it was read from: it gets no copy.
   */
  mailbox?: string;
  /**
   * Subject.
   */
  subject?: string;
  /**
   * Authors.
   *
   * @maxItems 10000
   */
  from: ReceivedAddress[];
  /**
   * Where answers go, if not to the authors.
   *
   * @maxItems 10000
   */
  replyTo?: ReceivedAddress[];
  /**
   * Recipients.
   *
   * @maxItems 10000
   */
  to?: ReceivedAddress[];
  /**
   * Copy recipients.
   *
   * @maxItems 10000
   */
  cc?: ReceivedAddress[];
  /**
   * Date, ISO 8601.
   */
  sentAt?: string | null;
  /**
   * When it arrived, where the date is missing.
   */
  receivedAt?: string | null;
  /**
   * Plain text body.
   */
  text?: string | null;
  /**
   * HTML body.
   */
  html?: string | null;
  automatic: AnsweredSigns;
  /**
   * The report that it is, if it is one.
   */
  report?: {
    [k: string]: unknown;
  } | null;
  /**
   * Its files.
   */
  attachments?: AnsweredAttachment[];
  [k: string]: unknown;
}
/**
 * Whether a machine made it: without this nothing is answered.
 */
export interface AnsweredSigns {
  /**
   * False when an automatic answer would be wrong.
   */
  mayBeAnswered: boolean;
  /**
   * A machine made it.
   */
  isAutomatic?: boolean;
  /**
   * The fields that tell.
   */
  signs: string[];
  [k: string]: unknown;
}
export interface AnsweredAttachment {
  /**
   * File name.
   */
  name: string;
  /**
   * Media type.
   */
  contentType?: string;
  /**
   * Content-ID without angle brackets.
   */
  contentId?: string | null;
  content?: Content;
  /**
   * Where Read Email wrote it.
   */
  file?: string;
  [k: string]: unknown;
}
/**
 * An invitation, or its cancellation, which mail programs show as such.
 */
export interface CalendarInvitation {
  /**
   * What is asked of the recipients; the METHOD of the text as well.
   */
  method: 'REQUEST' | 'CANCEL';
  /**
   * iCalendar text (RFC 5545).
   */
  content: string;
}
export interface OwnHeader {
  /**
   * X-… or List-Unsubscribe, List-Unsubscribe-Post, List-Id, Auto-Submitted, Precedence, Keywords.
   */
  name: string;
  /**
   * Value, one line.
   */
  value: string;
}
/**
 * What became of one message. accepted means that the server took it, not that it was delivered.
 */
export interface SendEmailResponse {
  /**
   * Position of the request among those of the run, from 0.
   */
  index: number;
  /**
   * accepted: taken for at least one recipient. rejected: refused for good. deferred: not taken, a later try can succeed. unknown: the connection was lost before the server's answer; it may have been taken.
   */
  outcome: 'accepted' | 'rejected' | 'deferred' | 'unknown';
  /**
   * Message-ID with its angle brackets; null when no message could be built.
   */
  messageId: string | null;
  /**
   * Mailbox that sent; null when the request named none that is allowed.
   */
  mailbox: string | null;
  /**
   * How it was submitted.
   */
  transport: 'smtp' | 'graph';
  /**
   * When the outcome was known.
   */
  completedAt: string;
  /**
   * The server's answer to the message.
   */
  serverText?: string;
  /**
   * How often the message was submitted under its idempotency key, all runs together.
   */
  attempts?: number;
  /**
   * Of an accepted message for which delivery receipts are wanted. asked: the server was told. not-offered: it does not offer them (RFC 3461); the message went without.
   */
  deliveryReceipt?: 'asked' | 'not-offered';
  /**
   * True: an earlier run had submitted it, and this one sent nothing.
   */
  repeated?: boolean;
  /**
   * What proves the acceptance when the server's answer was lost: a copy in Sent Items, or a report that came back.
   */
  evidence?: 'sent-items' | 'delivery-report';
  /**
   * The messages that it was sent in, where it had more recipients than one may have. messageId is that of the first.
   */
  parts?: SentPart[];
  /**
   * One entry per recipient, in the order to, cc, bcc.
   */
  recipients: RecipientOutcome[];
  failure?: FailureReport;
}
export interface SentPart {
  /**
   * Message-ID with its angle brackets.
   */
  messageId: string | null;
  /**
   * As for the message.
   */
  outcome: 'accepted' | 'rejected' | 'deferred' | 'unknown';
  /**
   * How many it is for.
   */
  recipients: number;
}
export interface RecipientOutcome {
  /**
   * Recipient.
   */
  address: string;
  /**
   * As for the message.
   */
  outcome: 'accepted' | 'rejected' | 'deferred' | 'unknown';
  /**
   * The server's answer for this recipient.
   */
  serverText?: string;
  failure?: FailureReport;
  delivery?: ReportedDelivery;
}
/**
 * Why something did not happen. The code stands for cause and remedy, which locales/*.json hold in each language; the server's own words are kept beside it. Never holds a secret.
 */
export interface FailureReport {
  /**
   * Decides who acts and whether a repeat can help.
   */
  kind:
    | 'config'
    | 'auth'
    | 'permission'
    | 'input'
    | 'not-found'
    | 'conflict'
    | 'throttled'
    | 'transient'
    | 'protocol'
    | 'limit'
    | 'internal';
  /**
   * Entry of the failure catalogue.
   */
  code: string;
  /**
   * Who can remove the cause. nobody: waiting is enough.
   */
  actor: 'designer' | 'entra-admin' | 'exchange-admin' | 'mailbox-user' | 'operator' | 'nobody';
  /**
   * True for the kinds throttled and transient only.
   */
  retryable: boolean;
  /**
   * How long the server asked to wait, in milliseconds.
   */
  retryAfterMs?: number;
  /**
   * Values the texts of the code name, for example mailbox or role.
   */
  parameters?: {
    [k: string]: string | number | boolean;
  };
  /**
   * One entry per field for settings-invalid and input-invalid.
   */
  problems?: FieldProblem[];
  /**
   * Id of the server's answer in the catalogue of replies, for example AADSTS7000222.
   */
  reply?: string;
  /**
   * Page about this very answer of the server. Without it, the manifest has a page for most codes.
   */
  docs?: string;
  /**
   * The server's own words, redacted.
   */
  serverText?: string;
  /**
   * Microsoft's correlation id, for a support request.
   */
  correlationId?: string;
}
/**
 * What is wrong with one field. The texts are rendered from rule and parameters, in the reader's language.
 */
export interface FieldProblem {
  /**
   * JSON Pointer (RFC 6901) to the field, for example /to/0/address.
   */
  pointer: string;
  /**
   * Locale key of the field's label.
   */
  label: string;
  /**
   * The rule that is broken, for example required or pattern.
   */
  rule: string;
  parameters?: {
    [k: string]: string | number | boolean;
  };
}
/**
 * What the latest report that came back says, in the answer to a record that is given again.
 */
export interface ReportedDelivery {
  /**
   * failed, delayed, delivered, relayed, expanded; of a receipt displayed or deleted; or what the reporter wrote.
   */
  action: string;
  /**
   * Enhanced status code (RFC 3463), for example 5.1.1.
   */
  status?: string;
  /**
   * What the remote server said.
   */
  diagnostic?: string;
  /**
   * When the report was received.
   */
  reportedAt?: string;
}
/**
 * One line of a connection test.
 */
export interface Check {
  /**
   * Stages run in this order; a stage that depends on a failed one is skipped.
   */
  stage:
    | 'settings'
    | 'authority'
    | 'token'
    | 'claims'
    | 'least-privilege'
    | 'mail-host'
    | 'sign-in'
    | 'mailbox'
    | 'folder'
    | 'rights'
    | 'expiry';
  /**
   * Absent for the stages that serve every transport.
   */
  transport?: 'imap' | 'pop3' | 'graph' | 'smtp';
  /**
   * Whose turn it is, when several mailboxes are tested.
   */
  mailbox?: string;
  /**
   * not-verifiable: can only be known by doing it; the failure's remedy says how to find out.
   */
  status: 'passed' | 'warning' | 'failed' | 'skipped' | 'not-verifiable';
  durationMs: number;
  /**
   * What was seen: host, certificate end, roles, greeting. Never a secret.
   */
  evidence: {
    [k: string]: string | number | boolean | string[];
  };
  /**
   * The stage whose failure made this one pointless.
   */
  skippedBecause?: string;
  /**
   * Something was changed a moment ago and may not work everywhere at Microsoft before then: not wrong yet. Test again.
   */
  settling?: {
    until: string;
  };
  failure?: FailureReport;
}
/**
 * An entry of the pick-list folders.
 */
export interface Folder {
  /**
   * What the field takes: the path.
   */
  value: string;
  /**
   * Last part of the path, as the mailbox names it.
   */
  label: string;
  /**
   * Depth in the tree, from 0.
   */
  level: number;
  /**
   * False for a folder that only holds others.
   */
  selectable: boolean;
  /**
   * Special use (RFC 6154), where the server tells.
   */
  role?: 'inbox' | 'sent' | 'drafts' | 'trash' | 'junk' | 'archive';
}
/**
 * What the consumer made of one record.
 */
export interface SettleOutcome {
  /**
   * The record's key.
   */
  key: string;
  /**
   * done: the after-read action runs. retry: the message stays as it was and is read again, up to the activity's maxAttempts. dead: it is parked at once and read again only when it is replayed.
   */
  outcome: 'done' | 'retry' | 'dead';
}
/**
 * What settle() did for one record.
 */
export interface Settled {
  /**
   * The record's key.
   */
  key: string;
  /**
   * done: the after-read action is confirmed. left: untouched, as asked. parked: it failed too often, or for good; it is not read again until it is replayed. failed: see failure.
   */
  result: 'done' | 'left' | 'parked' | 'failed';
  failure?: FailureReport;
}
/**
 * A recorded connection test: what was concluded, and the dialogues with the servers it was concluded from, without secrets, content and names.
 */
export interface TranscriptBundle {
  format: 1;
  productVersion: string;
  recordedAt: string;
  /**
   * sandbox: the network policy led to other hosts than Microsoft's.
   */
  origin: 'microsoft365' | 'sandbox';
  /**
   * Method of authentication.
   */
  method: string;
  cloud: string;
  /**
   * Added by hand: the state that the tenant was in.
   */
  situation?: string;
  checks: {
    stage: string;
    transport?: string;
    status: string;
    /**
     * Code of the failure.
     */
    code?: string;
  }[];
  transcript: {
    protocol: 'https' | 'imap' | 'smtp' | 'pop3';
    /**
     * Counts the connections from 1.
     */
    connection: number;
    host: string;
    port: number;
    from: 'client' | 'server' | 'note';
    /**
     * Milliseconds since the start.
     */
    at: number;
    text: string;
  }[];
}
/**
 * Configured access to the mailboxes of one Microsoft 365 tenant.
 */
export interface Microsoft365Connection {
  /**
   * Which Microsoft cloud the tenant lives in.
   */
  cloud?: 'global' | 'gcc-high' | 'dod' | 'china';
  /**
   * Directory (tenant) ID, or a verified domain of the tenant; for signed-in users also organizations (any company), consumers (personal accounts) or common (both).
   */
  tenant: string;
  /**
   * Default mailbox; activities may name another one.
   */
  mailbox: string;
  /**
   * Further mailboxes and senders that a record may choose at run time. Empty: a record may choose none but the activity's own.
   *
   * @maxItems 1000
   */
  allowedMailboxes?: string[];
  /**
   * How the connector signs in.
   */
  authentication:
    | CertificateAuthentication
    | FederatedCredentialAuthentication
    | ClientSecretAuthentication
    | SignInAuthentication
    | DeviceCodeAuthentication
    | PasswordAuthentication;
}
/**
 * App-only with a certificate (signed assertion, RFC 7523).
 */
export interface CertificateAuthentication {
  method: 'certificate';
  /**
   * Application (client) ID of the app registration.
   */
  clientId: string;
  certificate: string;
  certificatePassword?: string;
  nextCertificate?: string;
}
/**
 * App-only without a secret: another identity provider vouches for this machine (workload identity federation).
 */
export interface FederatedCredentialAuthentication {
  method: 'federated-credential';
  /**
   * Application (client) ID of the app registration.
   */
  clientId: string;
  /**
   * File that holds the provider's token (JWT), kept fresh by the platform; in a folder that the operator allows.
   */
  assertionFile: string;
}
/**
 * App-only with a client secret (OAuth 2.0 client credentials).
 */
export interface ClientSecretAuthentication {
  method: 'client-secret';
  /**
   * Application (client) ID of the app registration.
   */
  clientId: string;
  clientSecret: string;
  nextClientSecret?: string;
  /**
   * When the secret ends, as the portal shows it; Test and every run warn from 30 days before.
   */
  secretExpiresOn?: string;
}
/**
 * Sign in as a user in the browser (OAuth 2.0 authorization code with PKCE).
 */
export interface SignInAuthentication {
  method: 'sign-in';
  /**
   * Application (client) ID of the app registration.
   */
  clientId: string;
  clientSecret?: string;
  /**
   * Who signs in, when it is not the mailbox itself (shared or delegated mailbox).
   */
  account?: string;
  session?: string;
}
/**
 * Sign in as a user on another device with a code (RFC 8628).
 */
export interface DeviceCodeAuthentication {
  method: 'device-code';
  /**
   * Application (client) ID of the app registration.
   */
  clientId: string;
  /**
   * Who signs in, when it is not the mailbox itself (shared or delegated mailbox).
   */
  account?: string;
  session?: string;
}
/**
 * User name and password (OAuth 2.0 resource owner password credentials). Legacy: fails with multi-factor authentication.
 */
export interface PasswordAuthentication {
  method: 'password';
  /**
   * Application (client) ID of the app registration.
   */
  clientId: string;
  clientSecret?: string;
  /**
   * User principal name of the account that signs in.
   */
  userName: string;
  password: string;
}
/**
 * Feature × right: what each thing that the product can do needs, per transport and identity.
 */
export interface FeatureCatalogue {
  /**
   * @minItems 1
   */
  features: [CataloguedFeature, ...CataloguedFeature[]];
}
export interface CataloguedFeature {
  id: string;
  /**
   * Locale key of the feature's name.
   */
  messages: string;
  /**
   * Activity that has the feature; connection for what all of them share.
   */
  activity: string;
  /**
   * @minItems 1
   */
  rights: [FeatureRights, ...FeatureRights[]];
  /**
   * Only activities that change messages after reading have it.
   */
  changes?: true;
  /**
   * Only connections that send as another address, or send large files, have it.
   */
  when?: 'send-as' | 'large-files';
}
export interface FeatureRights {
  /**
   * How an activity reaches the mailbox: graph reads through Microsoft Graph, graph-send sends through it.
   */
  transport: 'imap' | 'pop3' | 'graph' | 'smtp' | 'graph-send';
  identity: 'app' | 'user';
  /**
   * Sign-in methods that it applies to; default: all of the identity.
   *
   * @minItems 1
   */
  methods?: [string, ...string[]];
  /**
   * Permissions of catalogue/permissions.json that the token must carry.
   */
  token: string[];
  /**
   * What Exchange Online must have granted.
   */
  exchange: (
    | 'service-principal'
    | 'full-access'
    | 'full-access-unless-own'
    | 'send-as'
    | 'imap-on'
    | 'smtp-auth-on'
    | 'pop-on'
    | 'mail-read-role'
    | 'mail-read-write-role'
    | 'mail-send-role'
    | 'mail-drafts-role'
  )[];
  /**
   * Whether the mailbox is the signed-in user's own or somebody else's; default: either.
   */
  mailbox?: 'own' | 'foreign';
}
/**
 * connector.json: what a host needs to know to show and run this connector. Data only; texts are locale keys.
 */
export interface Manifest {
  id: string;
  /**
   * Equal to the package's version.
   */
  version: string;
  /**
   * Version of docs/host-contract.md that a host must speak.
   */
  hostContract: number;
  /**
   * Prefix of the locale keys name and description.
   */
  messages: string;
  /**
   * Path from the package's root.
   */
  icon: string;
  locales: {
    default: string;
    /**
     * BCP 47 language → files, whose texts are one tree together.
     */
    files: {
      /**
       * @minItems 1
       *
       * Items: Path from the package's root.
       */
      [k: string]: [string, ...string[]];
    };
  };
  /**
   * @minItems 1
   */
  connectionTypes: [ManifestConnectionType, ...ManifestConnectionType[]];
  /**
   * @minItems 1
   */
  activities: [ManifestActivity, ...ManifestActivity[]];
  pickLists: ManifestPickList[];
  /**
   * Path from the package's root.
   */
  replies: string;
  /**
   * Path from the package's root.
   */
  permissions: string;
  /**
   * Path from the package's root.
   */
  features: string;
  /**
   * The failure catalogue: code → who can remove the cause and what kind it is. Texts: failures.<code>.title, .cause, .remedy.
   *
   * @minItems 1
   */
  failures: [ManifestFailure, ...ManifestFailure[]];
}
export interface ManifestConnectionType {
  id: string;
  messages: string;
  /**
   * Raised when stored settings need a migration.
   */
  configVersion: number;
  /**
   * Path from the package's root.
   */
  schema: string;
  /**
   * Path from the package's root.
   */
  ui: string;
  /**
   * @minItems 1
   */
  authMethods: [ManifestAuthMethod, ...ManifestAuthMethod[]];
  test: ManifestTest;
}
export interface ManifestAuthMethod {
  id: string;
  /**
   * OAuth 2.0 grant (RFC 6749, RFC 8628).
   */
  grant: 'client_credentials' | 'authorization_code' | 'device_code' | 'password';
  /**
   * Whose rights the token carries.
   */
  identity: 'app' | 'user';
  /**
   * Shown last and with a warning.
   */
  legacy: boolean;
  /**
   * Values of the field tenant that the method can work with; named: one tenant by id or domain.
   *
   * @minItems 1
   */
  tenants: [
    'named' | 'organizations' | 'common' | 'consumers',
    ...('named' | 'organizations' | 'common' | 'consumers')[]
  ];
  /**
   * Transport → scopes to ask for, as in the worldwide cloud.
   */
  scopes: {
    /**
     * @minItems 1
     */
    [k: string]: [string, ...string[]];
  };
  /**
   * Transport → the role (app) or scope (user) that the token must carry. Over Graph an app may have an Exchange role of the same name instead (RBAC for Applications), which no token shows; a user needs the one with .Shared for somebody else's mailbox.
   */
  permissions: {
    /**
     * @minItems 1
     */
    [k: string]: [string, ...string[]];
  };
  /**
   * Transport → what takes the place of `permissions` when messages are changed after reading.
   */
  changePermissions?: {
    /**
     * @minItems 1
     */
    [k: string]: [string, ...string[]];
  };
  /**
   * Transport → what takes the place of `permissions` when messages are sent.
   */
  sendPermissions?: {
    /**
     * @minItems 1
     */
    [k: string]: [string, ...string[]];
  };
}
export interface ManifestTest {
  /**
   * @minItems 1
   *
   * Items: Stages run in this order; a stage that depends on a failed one is skipped.
   */
  stages: [
    (
      | 'settings'
      | 'authority'
      | 'token'
      | 'claims'
      | 'least-privilege'
      | 'mail-host'
      | 'sign-in'
      | 'mailbox'
      | 'folder'
      | 'rights'
      | 'expiry'
    ),
    ...(
      | 'settings'
      | 'authority'
      | 'token'
      | 'claims'
      | 'least-privilege'
      | 'mail-host'
      | 'sign-in'
      | 'mailbox'
      | 'folder'
      | 'rights'
      | 'expiry'
    )[]
  ];
}
export interface ManifestActivity {
  id: string;
  messages: string;
  connectionType: string;
  /**
   * source: yields records. target: takes records.
   */
  polarity: 'source' | 'target';
  configVersion: number;
  /**
   * @minItems 1
   */
  transports: ['imap' | 'pop3' | 'graph' | 'smtp', ...('imap' | 'pop3' | 'graph' | 'smtp')[]];
  /**
   * Numbered steps of the form. The last one shows request and response schema.
   *
   * @minItems 1
   */
  steps: [ManifestStep, ...ManifestStep[]];
  config: ManifestForm;
  request: ManifestForm;
  response: ManifestForm;
  /**
   * Path from the package's root.
   */
  sample: string;
  run: ManifestRunPolicy;
}
export interface ManifestStep {
  id: string;
  /**
   * Fields of config; none for the schema review.
   */
  fields: string[];
}
export interface ManifestForm {
  /**
   * Path from the package's root.
   */
  schema: string;
  /**
   * Path from the package's root.
   */
  ui?: string;
}
export interface ManifestRunPolicy {
  timeoutMs: number;
  /**
   * Kinds of failure after which the host may run again.
   *
   * Items: Decides who acts and whether a repeat can help.
   */
  retryKinds: (
    | 'config'
    | 'auth'
    | 'permission'
    | 'input'
    | 'not-found'
    | 'conflict'
    | 'throttled'
    | 'transient'
    | 'protocol'
    | 'limit'
    | 'internal'
  )[];
  throttleScope: 'mailbox';
  /**
   * Fields that name what two runs must not work on at once.
   */
  lockKey: string[];
  /**
   * False: a second run repeats the effect.
   */
  idempotent: boolean;
  sideEffect: 'none-until-settled' | 'sends-mail';
}
export interface ManifestPickList {
  id: string;
  messages: string;
  /**
   * Path from the package's root.
   */
  item: string;
  /**
   * Entries carry a level.
   */
  tree: boolean;
  /**
   * Config fields that change the list.
   */
  dependsOn: string[];
}
export interface ManifestFailure {
  code: string;
  /**
   * Decides who acts and whether a repeat can help.
   */
  kind:
    | 'config'
    | 'auth'
    | 'permission'
    | 'input'
    | 'not-found'
    | 'conflict'
    | 'throttled'
    | 'transient'
    | 'protocol'
    | 'limit'
    | 'internal';
  /**
   * Who can remove the cause. nobody: waiting is enough.
   */
  actor: 'designer' | 'entra-admin' | 'exchange-admin' | 'mailbox-user' | 'operator' | 'nobody';
  /**
   * Microsoft page or RFC.
   */
  docs?: string;
  /**
   * How long Microsoft may need until a change that removes the cause works everywhere.
   */
  settlesWithinMinutes?: number;
}
/**
 * Every API permission that the fix-kit asks for, explains or removes.
 */
export interface PermissionCatalogue {
  /**
   * @minItems 1
   */
  resources: [PermissionResource, ...PermissionResource[]];
  /**
   * @minItems 1
   */
  permissions: [CataloguedPermission, ...CataloguedPermission[]];
}
export interface PermissionResource {
  id: 'exchange' | 'graph';
  appId: string;
  /**
   * Name that the portal shows.
   */
  name: string;
}
export interface CataloguedPermission {
  /**
   * resource/kind/permission
   */
  id: string;
  resource: 'exchange' | 'graph';
  kind: 'application' | 'delegated';
  /**
   * Value of the app role or scope: what a token's roles or scp claim shows.
   */
  permission: string;
  /**
   * Id of the app role or scope. Scripts resolve it by name at run time; only the app manifest needs it.
   */
  guid: string;
  /**
   * Where the id is from: Microsoft's documentation, a listing made from a live tenant, several public programs that use it, or too few to rely on.
   */
  provenance: 'microsoft' | 'tenant-listing' | 'public-code' | 'unconfirmed';
  /**
   * How far the permission reaches. granted-mailboxes: the app opens only mailboxes that Exchange has granted to it one by one.
   */
  danger: 'sign-in' | 'own-mailbox' | 'granted-mailboxes' | 'every-mailbox' | 'directory' | 'administration';
  /**
   * Locale key of the explanation for an administrator.
   */
  messages: string;
  /**
   * Ids of permissions that are needless beside this one.
   *
   * @minItems 1
   */
  includes?: [string, ...string[]];
}
export interface ReplyEntry {
  id: string;
  /**
   * Who answers: the token endpoint, a mail protocol's server or Microsoft Graph.
   */
  from: 'token' | 'imap' | 'pop3' | 'smtp' | 'graph';
  /**
   * What tells the answer: the AADSTS number, the OAuth error (error or error/suberror), a code of MSAL, or an example of the server's line.
   */
  sign: string;
  /**
   * Regular expression over the server's line, letter case ignored; the first entry that matches is taken. Needed wherever there is no number.
   */
  pattern?: string;
  /**
   * What was being done when the answer came. Without it the answer means the same at any time.
   */
  phase?: 'connect' | 'sign-in' | 'mailbox' | 'command' | 'sender' | 'recipient' | 'message';
  /**
   * Failure code of connector.json.
   */
  code: string;
  /**
   * Authentication method → failure code, where the same answer calls for another step with that method.
   */
  byMethod?: {
    [k: string]: string;
  };
  /**
   * Where the meaning comes from: a page of Microsoft's, a public transcript or issue, or our own conclusion.
   */
  provenance: 'microsoft' | 'transcript' | 'inferred';
  /**
   * Name of the page or thread, with its address where it has one.
   */
  source: string;
}
/**
 * What reading over each transport can and cannot do. The adapters hold to it, a test compares; the parity matrix of the docs is made of it.
 */
export interface TransportCatalogue {
  /**
   * @minItems 1
   */
  transports: [TransportAbilities, ...TransportAbilities[]];
}
export interface TransportAbilities {
  id: 'imap' | 'pop3' | 'graph';
  /**
   * Whether it reaches folders other than the inbox.
   */
  folders: boolean;
  /**
   * Whether it knows which messages were read.
   */
  readState: boolean;
  /**
   * Whether a message can be fetched without its attachments.
   */
  partFetch: boolean;
  /**
   * What the reading position is made of.
   */
  position: string;
  /**
   * Who judges a condition when it is put in the plainest way; a condition that is missing is refused.
   */
  conditions: {
    /**
     * server: exact there. both: preselected there, judged again here. local: judged here.
     */
    [k: string]: 'server' | 'both' | 'local';
  };
  /**
   * What can be done to a message after reading, besides nothing.
   */
  actions: ('mark-read' | 'mark-unread' | 'flag' | 'move' | 'copy' | 'delete' | 'delete-permanently')[];
}
/**
 * What a form needs beyond the schema. Labels and helps come from the locale files: <messages>.<field>.label, .help, .placeholder, .expected, .options.<value>.
 */
export interface FormLayer {
  /**
   * Prefix of the locale keys of this form.
   */
  messages: string;
  /**
   * JSON Pointer of a field → how to show it. A field without an entry is shown by its schema alone.
   */
  fields: {
    [k: string]: FormField;
  };
}
export interface FormField {
  /**
   * choice: one of a few, all visible. file: a file becomes the attachment's name, type and content. json: any object, as JSON text.
   */
  widget?: 'choice' | 'text-area' | 'file' | 'pick-list' | 'bytes' | 'json' | 'hidden';
  /**
   * Id of the pick-list that offers values; typing one stays possible.
   */
  pickList?: string;
  /**
   * advanced: folded away until asked for.
   */
  tier?: 'basic' | 'advanced';
}

/**
 * Interpreters of what is in a mail: text or bytes in, JSON-able data out. They never throw because of the content, are
 * bounded in time and memory, and say in `warnings` what they could not do. Libraries are loaded at first use.
 */
export type { ContentWarning } from './warnings.js';
export { htmlToText, type HtmlTextOptions, type TextOfHtml } from './html-text.js';
export { sanitizeHtml, type SafeHtml, type SafeHtmlOptions } from './html-safe.js';
export { htmlPart } from './html-part.js';
export { uniqueText, type QuoteMark, type UniqueBody, type UniqueTextOptions } from './unique-body.js';
export { uniqueHtml } from './unique-html.js';
export {
  readReport,
  type DeliveryReport,
  type DispositionReport,
  type FeedbackReport,
  type MailReport,
  type OriginalMessage,
  type ReadReport,
  type ReportedRecipient,
  type ReportLeaf,
} from './reports.js';
export { messageNature, type AutomaticSigns, type ListHeaders, type MessageNature } from './auto.js';
export { parseJson, type DataValue, type ParsedData } from './data.js';
export { parseCsv, type CsvData, type CsvOptions } from './data-csv.js';
export { parseXml } from './data-xml.js';
export {
  readTnef,
  tnefBody,
  tnefFiles,
  type TnefBody,
  type TnefContent,
  type TnefFile,
  type TnefMessage,
} from './tnef.js';
export {
  readCalendar,
  type CalendarAttendee,
  type CalendarEvent,
  type CalendarPerson,
  type CalendarRecurrence,
  type CalendarRule,
  type CalendarTime,
  type MailCalendar,
  type ReadCalendar,
} from './calendar.js';
export { readDetachedSignature, readSmime, type SmimeContent, type SmimeSignature } from './smime.js';
export type { CertificateFacts } from './cms-signature.js';

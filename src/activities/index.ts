/** What other rooms may use of this one. */
export { chosenMailbox, activityMailbox } from './mailbox-choice.js';
export { openAttachment } from './read-email/content.js';
export {
  parkedOf,
  positionsOf,
  setPosition,
  type ParkedRecord,
  type ReadingPosition,
  type StartAt,
} from './read-email/control.js';
export { explainReading, type ReadingPlan } from './read-email/explain.js';
export { openMemory, type Memory } from './read-email/memory.js';
export { parseSource, type ParsedRecord } from './read-email/parse.js';
export { previewReading, type PreviewedMessage, type ReadPreview } from './read-email/preview.js';
export { readEmail, type ReadBatch, type ReadContext } from './read-email/read.js';
export { actionOf, assertReadable, transportOf } from './read-email/selection.js';
export { settleEmail } from './read-email/settle.js';
export { estimateSending, type SendEstimate } from './send-email/estimate.js';
export { SendableFiles } from './send-email/files.js';
export { Ledger } from './send-email/ledger.js';
export { previewSending, type SendPreview } from './send-email/preview.js';
export { takeReports, type SentReport } from './send-email/reports.js';
export { sendEmail, type SendContext } from './send-email/send.js';
export { Storms } from './send-email/storms.js';
export { Templates } from './send-email/template.js';

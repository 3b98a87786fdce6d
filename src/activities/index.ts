/** What other rooms may use of this one. */
export { chosenMailbox, activityMailbox } from './mailbox-choice.js';
export { openAttachment } from './read-email/content.js';
export { readEmail, type ReadBatch } from './read-email/read.js';
export { settleEmail } from './read-email/settle.js';
export { sendEmail, type SendContext } from './send-email/send.js';

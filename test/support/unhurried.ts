/** For tests that send more than a mailbox may in a minute and are about something else. */
import type { SendingLimits } from '../../src/index.js';

export const UNHURRIED: SendingLimits = { messagesPerMinute: 1_000_000, recipientsPerDay: 1_000_000 };

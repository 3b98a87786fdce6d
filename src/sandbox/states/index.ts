/**
 * Every state the sandbox can be put into and taken out of, by name.
 */
import { APP_STATES } from './app-states.js';
import { GRAPH_STATES } from './graph-states.js';
import { IMAP_STATES, SMTP_STATES } from './mail-states.js';
import { POP3_STATES } from './pop3-states.js';
import { SESSION_STATES } from './session-states.js';
import type { SandboxState } from './state.js';
import { USER_STATES } from './user-states.js';

export const STATES: readonly SandboxState[] = [
  ...APP_STATES,
  ...USER_STATES,
  ...SESSION_STATES,
  ...IMAP_STATES,
  ...POP3_STATES,
  ...SMTP_STATES,
  ...GRAPH_STATES,
];

/** What other rooms may use of this one. */
export {
  Failure,
  asFailure,
  isFailure,
  type FailureCode,
  type FailureFacts,
  type FailureKind,
} from './failure.js';
export { redact } from './redact.js';
export { serverReply, tokenReply, type KnownReply, type ReplyPhase } from './replies.js';

/**
 * Refusals about the service itself: throttled, overloaded, out of order.
 */
import type { RefusalTable } from './refusal.js';

export const SERVICE = {
  50033: {
    error: 'temporarily_unavailable',
    status: 503,
    text: 'A transient error has occurred. Please try again.',
  },
  50087: {
    error: 'temporarily_unavailable',
    status: 503,
    text: 'A transient error has occurred during single sign-out.',
  },
  50196: {
    error: 'invalid_request',
    status: 400,
    text: 'The server terminated an operation because it encountered a client request loop. Please contact your app vendor.',
  },
  90006: { error: 'temporarily_unavailable', status: 503, text: 'The service is temporarily unavailable.' },
  90012: { error: 'temporarily_unavailable', status: 503, text: 'The request has timed out.' },
  90024: {
    error: 'temporarily_unavailable',
    status: 503,
    text: 'A transient request budget was exceeded. Please try again.',
  },
  90033: {
    error: 'temporarily_unavailable',
    status: 503,
    text: 'A transient error has occurred. Please try again.',
  },
  90055: {
    error: 'invalid_request',
    status: 429,
    text: 'The server terminated an operation because the tenant exceeded its limits.',
  },
  90090: {
    error: 'temporarily_unavailable',
    status: 503,
    text: 'The service is temporarily unavailable. Please try again.',
  },
} as const satisfies RefusalTable;

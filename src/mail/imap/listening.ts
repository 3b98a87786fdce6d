/**
 * Hands what imapflow logs of its traffic to a listener of the network policy. Owns: reading imapflow's log entries.
 * imapflow withholds the bytes of a sign-in; its log of commands shows the same line with the secret masked.
 */
import type { MailListener } from '../../net/index.js';

interface LogEntry {
  readonly src?: unknown;
  readonly msg?: unknown;
  /** base64 of the bytes, in entries of the raw log. */
  readonly data?: unknown;
  readonly hidden?: unknown;
}

/**
 * Functions for imapflow's `trace` and `debug`, to be used together with `logRaw`.
 * @param state once tapped, what the server says is heard elsewhere
 */
export function listeningLog(
  listener: MailListener,
  state: { readonly isTapped: boolean },
): {
  readonly trace: (entry: unknown) => void;
  readonly debug: (entry: unknown) => void;
} {
  let masked = '';
  return {
    debug(entry) {
      const { src, msg } = entry as LogEntry;
      if (src === 'c' && typeof msg === 'string') masked = msg;
    },
    trace(entry) {
      const { src, data, hidden } = entry as LogEntry;
      if (typeof data !== 'string') return;
      if (src === 's') {
        if (!state.isTapped) listener.server(Buffer.from(data, 'base64'));
      } else listener.client(hidden === true ? `${masked}\r\n` : Buffer.from(data, 'base64'));
    },
  };
}

/**
 * IDLE (RFC 2177): tells the client of changes as they happen, until it says DONE or its token expires.
 */
import { CommandFailure } from '../command-failure.js';
import type { ImapCommand, ImapSession } from '../session.js';

const MAX_LINE_BYTES = 1024;
/** The token's end is looked for this often: a driven clock may jump at any time. */
const EXPIRY_CHECK_MS = 500;

export const idle: ImapCommand = {
  needs: 'connected',
  async run(session, { arguments: args }) {
    args.end();
    await session.send('+ IDLE accepted, awaiting DONE command.');
    const stop = startPushing(session);
    try {
      const line = (await session.reader.readLine(MAX_LINE_BYTES)).toString('latin1');
      if (line.trim().toUpperCase() !== 'DONE') throw new CommandFailure('BAD', 'Command Error. 12');
    } finally {
      stop();
    }
    return 'IDLE completed.';
  },
};

function startPushing(session: ImapSession): () => void {
  const { view } = session;
  const push = (): void => {
    session
      .sendUpdates(true)
      .then(() => session.output.flush())
      .catch(() => undefined); // a lost connection ends the reading side too
  };
  if (view !== undefined) view.onChange = push;
  push();
  const timer = setInterval(() => {
    session.endIfTokenExpired().catch(() => undefined);
  }, EXPIRY_CHECK_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
    if (view !== undefined) view.onChange = undefined;
  };
}

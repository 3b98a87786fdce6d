/**
 * Waiting that a signal can end. For work that is shared or cannot be stopped itself: it goes on, nobody waits.
 */

/** The promise, or the signal's reason as soon as it fires. */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  work.catch(() => undefined); // its outcome may have no listener once the signal has won
  signal.throwIfAborted();
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    // The reason is the caller's own value and is passed on as it is.
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    if (stop !== undefined) signal.removeEventListener('abort', stop);
  }
}

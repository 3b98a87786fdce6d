/** Repeats a test every minute until it passes or is stopped. Owns: the pause between two tests. */
import { useEffect, useState } from 'react';

export const WATCH_MS = 60_000;

export interface Watch {
  readonly isOn: boolean;
  start(): void;
  stop(): void;
}

/**
 * @param isDone a test has just come to its end
 * @param hasFailed it found something that time may mend
 */
export function useWatch(isDone: boolean, hasFailed: boolean, again: () => void): Watch {
  const [isOn, setOn] = useState(false);
  const hasPassed = isDone && !hasFailed;
  useEffect(() => {
    if (hasPassed) setOn(false);
  }, [hasPassed]);
  useEffect(() => {
    if (!isOn || !isDone || !hasFailed) return undefined;
    const timer = setTimeout(again, WATCH_MS);
    return () => clearTimeout(timer);
    // again() is another function at every render; the pause must not begin anew with it.
  }, [isOn, isDone, hasFailed]);
  return { isOn, start: () => setOn(true), stop: () => setOn(false) };
}

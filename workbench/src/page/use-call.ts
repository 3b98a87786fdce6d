/** One call with one answer at a time. Owns: its state. Must not: know what the answer means. */
import { useEffect, useRef, useState } from 'react';
import { CallError } from '../server/calls.js';

export interface Calling<T> {
  readonly isRunning: boolean;
  readonly answer: T | undefined;
  readonly error: CallError | undefined;
  /** Runs the work; an earlier one is given up. */
  run(work: (signal: AbortSignal) => Promise<T>): void;
  /** Gives up what runs, and forgets what came of the last. */
  reset(): void;
}

export function useCall<T>(): Calling<T> {
  const [state, setState] = useState<Pick<Calling<T>, 'isRunning' | 'answer' | 'error'>>({
    isRunning: false,
    answer: undefined,
    error: undefined,
  });
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);
  const start = async (work: (signal: AbortSignal) => Promise<T>): Promise<void> => {
    running.current?.abort();
    const controller = new AbortController();
    running.current = controller;
    setState({ isRunning: true, answer: undefined, error: undefined });
    try {
      const answer = await work(controller.signal);
      if (!controller.signal.aborted) setState({ isRunning: false, answer, error: undefined });
    } catch (reason) {
      if (controller.signal.aborted) return;
      const error = reason instanceof CallError ? reason : new CallError();
      setState({ isRunning: false, answer: undefined, error });
    }
  };
  return {
    ...state,
    run: (work) => void start(work),
    reset() {
      running.current?.abort();
      setState({ isRunning: false, answer: undefined, error: undefined });
    },
  };
}

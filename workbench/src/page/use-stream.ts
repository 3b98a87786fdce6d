/** One streamed call at a time, with cancel. Owns: its state. Must not: know what the lines mean. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { CallError, streamLines, type Line } from '../server/calls.js';
import { useTexts } from '../texts/context.js';

export interface Stream {
  readonly state: 'idle' | 'running' | 'done' | 'failed' | 'cancelled';
  readonly lines: readonly Line[];
  readonly error: CallError | undefined;
  start(path: string, body: object): void;
  cancel(): void;
}

export function useStream(): Stream {
  const { language } = useTexts();
  const [state, setState] = useState<Stream['state']>('idle');
  const [lines, setLines] = useState<readonly Line[]>([]);
  const [error, setError] = useState<CallError>();
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);

  const run = async (path: string, body: object): Promise<void> => {
    running.current?.abort();
    const controller = new AbortController();
    running.current = controller;
    setState('running');
    setLines([]);
    setError(undefined);
    try {
      for await (const line of streamLines(path, language, body, controller.signal)) {
        setLines((before) => [...before, line]);
      }
      setState('done');
    } catch (reason) {
      // A newer call has taken over, and the state is its own.
      if (running.current !== controller) return;
      if (controller.signal.aborted) {
        setState('cancelled');
      } else {
        setError(reason instanceof CallError ? reason : new CallError());
        setState('failed');
      }
    }
  };
  const cancel = useCallback(() => running.current?.abort(), []);
  return { state, lines, error, start: (path, body) => void run(path, body), cancel };
}

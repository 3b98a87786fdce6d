/**
 * A sign-in in a window of its own: begin, send the window to Microsoft, ask the server until the outcome is there.
 * The window itself tells nothing: the page is cut off from it as soon as it shows Microsoft's page.
 */
import { useState } from 'react';
import type { FailureReport } from '../../../../src/generated/types.js';
import { call, CallError, type CompletedSignIn } from '../../server/calls.js';
import { useTexts } from '../../texts/context.js';
import { useCall, type Calling } from '../use-call.js';

const POLL_MS = 1000;
const WINDOW = 'popup,width=520,height=720';

/** What the server says to an answer that comes after the attempt has ended. */
const TOO_LATE: FailureReport = {
  kind: 'input',
  code: 'sign-in-attempt-unknown',
  actor: 'designer',
  retryable: false,
};

interface Started {
  readonly url: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

export interface BrowserSignIn extends Calling<CompletedSignIn> {
  /** Where to sign in, when the browser has opened no window. */
  readonly link: string | undefined;
  start(connection: object): void;
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(new DOMException('cancelled', 'AbortError'));
    });
  });
}

export function useBrowserSignIn(onSignedIn: (signedIn: CompletedSignIn) => void): BrowserSignIn {
  const { language } = useTexts();
  const [link, setLink] = useState<string>();
  const calling = useCall<CompletedSignIn>();
  const start = (connection: object): void => {
    setLink(undefined);
    // At once, while the click still counts; a window that asks first is blocked.
    const opened = window.open('', '_blank', WINDOW);
    calling.run(async (signal) => {
      let started: Started;
      try {
        started = await call<Started>('sign-in/begin', language, { connection }, signal);
      } catch (error) {
        opened?.close();
        throw error;
      }
      if (opened === null || opened.closed) setLink(started.url);
      else opened.location.href = started.url;
      for (;;) {
        await pause(POLL_MS, signal);
        if (Date.now() > started.expiresAt) throw new CallError(TOO_LATE);
        const { signedIn } = await call<{ signedIn?: CompletedSignIn }>(
          'sign-in/result',
          language,
          {},
          signal,
        );
        if (signedIn === undefined) continue;
        onSignedIn(signedIn);
        return signedIn;
      }
    });
  };
  return { ...calling, link: calling.isRunning ? link : undefined, start };
}

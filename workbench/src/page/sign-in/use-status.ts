/** Who is signed in for the connection, and what of it ends when; asked again whenever the settings change. */
import { useEffect, useState } from 'react';
import { call, type Expiry, type SignedIn } from '../../server/calls.js';
import { useTexts } from '../../texts/context.js';

export interface Status {
  readonly signedIn: SignedIn | null;
  readonly expiries: readonly Expiry[];
}

/** How long the settings must have rested, in milliseconds: nobody asks at every key. */
const REST_MS = 600;

/** Undefined while it is not known, as for settings that are not complete. */
export function useStatus(connection: object, isComplete: boolean): Status | undefined {
  const { language } = useTexts();
  const asked = isComplete ? JSON.stringify(connection) : undefined;
  const [known, setKnown] = useState<{ readonly asked: string; readonly status: Status }>();
  useEffect(() => {
    if (asked === undefined) return undefined;
    const controller = new AbortController();
    const timer = setTimeout(() => {
      call<Status>(
        'sign-in/status',
        language,
        { connection: JSON.parse(asked) as object },
        controller.signal,
      ).then(
        (status) => setKnown({ asked, status }),
        // What is wrong with the settings is for Test to tell.
        () => setKnown(undefined),
      );
    }, REST_MS);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [asked, language]);
  return known !== undefined && known.asked === asked ? known.status : undefined;
}

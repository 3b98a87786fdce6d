/**
 * A sending session of a mailbox, whatever the transport. Owns: which adapter serves which transport. Must not: know an
 * activity.
 */
import {
  openGraphSubmission,
  openSmtpSession,
  xoauth2Response,
  type SendTransport,
  type SubmissionSession,
} from '../mail/index.js';
import { routeTo } from '../net/index.js';
import { endpointOf, trusteeName, withToken, type Access } from './access.js';
import { graphAccess } from './graph-access.js';

export interface SubmissionOptions {
  readonly signal?: AbortSignal | undefined;
  /** Waits until so many bytes may be uploaded to the mailbox; over Graph. @throws the signal's reason */
  readonly beforeUpload?: ((bytes: number, signal: AbortSignal | undefined) => Promise<void>) | undefined;
}

type Open = (access: Access, mailbox: string, options: SubmissionOptions) => Promise<SubmissionSession>;

const OPENERS: Readonly<Record<SendTransport, Open>> = {
  smtp: (access, mailbox, { signal }) => {
    const endpoint = endpointOf(access, 'smtp');
    return withToken(
      access,
      'smtp',
      (token) =>
        openSmtpSession(
          routeTo(access.net, endpoint.host, endpoint.port),
          xoauth2Response(mailbox, token.value),
          { ...endpoint, mailbox, trustee: trusteeName(access, token) },
          signal,
        ),
      signal,
    );
  },
  graph: async (access, mailbox, { signal, beforeUpload }) => {
    const { route, tokens, context } = await graphAccess(
      access,
      mailbox,
      { changes: false, sends: true },
      signal,
    );
    // Large files go to the host of the mailbox.
    const uploadRoute = (host: string) => routeTo(access.net, host, 443);
    return openGraphSubmission(route, tokens, { ...context, uploadRoute, beforeUpload }, signal);
  },
};

/** @throws Failure of sign-in, network and protocol */
export function openSubmission(
  access: Access,
  mailbox: string,
  transport: SendTransport,
  options: SubmissionOptions = {},
): Promise<SubmissionSession> {
  return OPENERS[transport](access, mailbox, options);
}

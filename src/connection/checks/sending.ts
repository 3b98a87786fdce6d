/**
 * Stages "sign-in" and "rights" for sending. Nothing is sent, so the right to send stays unproven and is said to be.
 */
import { Failure } from '../../errors/index.js';
import type { Check } from '../../generated/types.js';
import type { SendTransport } from '../../mail/index.js';
import { signedInName, type Access } from '../access.js';
import { openSubmission } from '../sending.js';
import { runStage } from './stage.js';

export interface SendingTarget {
  readonly mailbox: string;
  readonly transport: SendTransport;
  /** Whether messages show another author than the mailbox. */
  readonly asAnother?: boolean;
}

export async function* checkSending(
  access: Access,
  { mailbox, transport }: SendingTarget,
  needs: readonly (Check | undefined)[],
  signal?: AbortSignal,
): AsyncGenerator<Check> {
  const notVerifiable = () =>
    Promise.resolve({
      status: 'not-verifiable' as const,
      failure: new Failure('send-right-not-verifiable', { parameters: { mailbox } }),
    });
  // Graph is signed in to with every call, and the right to send allows no other than the one that sends.
  if (transport === 'graph') {
    yield await runStage({ stage: 'rights', transport, needs, work: notVerifiable });
    return;
  }
  const signIn = await runStage(
    {
      stage: 'sign-in',
      transport,
      needs,
      work: async () => {
        const session = await openSubmission(access, mailbox, transport, { signal });
        session.close();
        return { evidence: { mailbox, as: signedInName(access), reply: session.signInReply } };
      },
    },
    signal,
  );
  yield signIn;
  yield await runStage({ stage: 'rights', transport, needs: [signIn], work: notVerifiable });
}

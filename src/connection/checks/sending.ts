/**
 * Stages "sign-in" and "rights" for sending. Nothing is sent, so the right to send stays unproven and is said to be.
 */
import { Failure } from '../../errors/index.js';
import type { Check } from '../../generated/types.js';
import { openSubmission, signedInName, type Access } from '../access.js';
import { runStage } from './stage.js';

export async function* checkSending(
  access: Access,
  mailbox: string,
  needs: readonly (Check | undefined)[],
  signal?: AbortSignal,
): AsyncGenerator<Check> {
  const signIn = await runStage(
    {
      stage: 'sign-in',
      transport: 'smtp',
      needs,
      work: async () => {
        const session = await openSubmission(access, mailbox, signal);
        session.close();
        return { evidence: { mailbox, as: signedInName(access), reply: session.signInReply } };
      },
    },
    signal,
  );
  yield signIn;
  yield await runStage({
    stage: 'rights',
    transport: 'smtp',
    needs: [signIn],
    work: () =>
      Promise.resolve({
        status: 'not-verifiable',
        failure: new Failure('send-right-not-verifiable', { parameters: { mailbox } }),
      }),
  });
}

/**
 * Stages "sign-in", "mailbox", "folder" and "rights" for reading. One session serves all four, opened for
 * reading only: nothing is marked.
 */
import { Failure, isFailure } from '../../errors/index.js';
import type { Check } from '../../generated/types.js';
import type { MailboxSession } from '../../mail/index.js';
import { openMailbox, signedInName, type Access } from '../access.js';
import { runStage } from './stage.js';

export interface ReadingTarget {
  readonly mailbox: string;
  /** Folder of the activity; the inbox when only the connection is tested. */
  readonly folder: string;
  readonly marksRead: boolean;
}

export async function* checkReading(
  access: Access,
  target: ReadingTarget,
  needs: readonly (Check | undefined)[],
  signal?: AbortSignal,
): AsyncGenerator<Check> {
  const { mailbox, folder } = target;
  const stage = { transport: 'imap' as const };
  let session: MailboxSession | undefined;
  let notOpened: Failure | undefined;
  try {
    const signIn = await runStage(
      {
        ...stage,
        stage: 'sign-in',
        needs,
        work: async () => {
          const evidence = { mailbox, as: signedInName(access) };
          try {
            session = await openMailbox(access, mailbox, signal);
            return { evidence: { ...evidence, greeting: session.greeting } };
          } catch (error) {
            // Exchange accepts the sign-in first and refuses the mailbox then; imapflow reports both as one.
            if (!isFailure(error) || error.code !== 'mailbox-not-opened') throw error;
            notOpened = error;
            return { evidence };
          }
        },
      },
      signal,
    );
    yield signIn;
    const opened = await runStage(
      {
        ...stage,
        stage: 'mailbox',
        needs: [signIn],
        work: async () => {
          if (notOpened !== undefined) throw notOpened;
          const folders = (await session?.folders()) ?? [];
          return { evidence: { mailbox, folders: folders.length } };
        },
      },
      signal,
    );
    yield opened;
    let canMarkRead = false;
    const found = await runStage(
      {
        ...stage,
        stage: 'folder',
        needs: [opened],
        work: async () => {
          // SELECT tells whether flags can be kept, EXAMINE does not; neither changes anything.
          const state = await session?.openFolder(folder, target.marksRead ? 'change' : 'read');
          canMarkRead = state?.canMarkRead === true;
          return { evidence: { folder, messages: state?.messages ?? 0 } };
        },
      },
      signal,
    );
    yield found;
    yield await runStage(
      {
        ...stage,
        stage: 'rights',
        needs: [found],
        work: () => {
          if (target.marksRead && !canMarkRead) {
            throw new Failure('mark-read-not-permitted', { parameters: { mailbox, folder } });
          }
          return Promise.resolve({
            evidence: { read: true, ...(target.marksRead ? { markRead: true } : {}) },
          });
        },
      },
      signal,
    );
  } finally {
    await session?.close();
  }
}

/**
 * Stages "sign-in", "mailbox", "folder" and "rights" for reading. One session serves all four, opened for
 * reading only: nothing is marked.
 */
import { Failure, isFailure } from '../../errors/index.js';
import type { Check } from '../../generated/types.js';
import type { ReadingSession, ReadTransport } from '../../mail/index.js';
import { permissionsFor, signedInName, type Access } from '../access.js';
import { openReadingOnce } from '../reading.js';
import { runStage } from './stage.js';

export interface ReadingTarget {
  readonly mailbox: string;
  /** Folder of the activity; the inbox when only the connection is tested. */
  readonly folder: string;
  readonly transport: ReadTransport;
  /** Whether messages are marked, moved or deleted after reading. */
  readonly changes: boolean;
  /** Folder that messages are moved or copied to. */
  readonly into?: string;
}

export async function* checkReading(
  access: Access,
  target: ReadingTarget,
  needs: readonly (Check | undefined)[],
  signal?: AbortSignal,
): AsyncGenerator<Check> {
  const { mailbox, folder } = target;
  const stage = { transport: target.transport };
  let session: ReadingSession | undefined;
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
            session = await openReadingOnce(access, mailbox, target.transport, signal);
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
    const found = await runStage(
      {
        ...stage,
        stage: 'folder',
        needs: [opened],
        work: async () => {
          const state = await session?.openFolder(folder, 'read');
          return { evidence: { folder: state?.path ?? folder, messages: state?.messages ?? 0 } };
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
        work: async () => {
          if (!target.changes) return { evidence: { read: true } };
          // An Exchange role shows in no token, and only a change would tell.
          const unseen = needs.find((need) => need?.failure?.code === 'mail-role-not-in-token')?.failure;
          const [permission = ''] = permissionsFor(access, target);
          // Of what is unseen, only this matters here: sending has a role of its own.
          if (
            String(unseen?.parameters?.['permission'] ?? '')
              .split(', ')
              .includes(permission)
          ) {
            const parameters = { mailbox, permission };
            return {
              status: 'not-verifiable',
              evidence: { read: true },
              failure: new Failure('change-right-not-verifiable', { parameters }),
            };
          }
          if (target.into !== undefined) await session?.openFolder(target.into, 'change');
          // Opening it to change messages tells whether flags can be kept; it changes nothing.
          await session?.openFolder(folder, 'change');
          return { evidence: { read: true, change: true } };
        },
      },
      signal,
    );
  } finally {
    await session?.close();
  }
}

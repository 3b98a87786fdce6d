/**
 * Drafts on their way to be sent: made, and taken back when nothing is to be sent of them. Owns: that taking back goes on
 * when the run has been given up. Must not: touch a draft of which it is not certain that it was not sent.
 */
import { Failure, isFailure } from '../../errors/index.js';
import type { GraphClient } from './client.js';
import type { Subject } from './failures.js';

/** Nobody waits longer for what is only tidied up. */
const TIDY_MS = 10_000;

export class Drafts {
  readonly #client: GraphClient;
  readonly #subject: Subject;

  constructor(client: GraphClient, subject: Subject) {
    this.#client = client;
    this.#subject = subject;
  }

  /**
   * @param mime base64 of the message
   * @returns the path of the draft
   * @throws Failure, the signal's reason; what may have been made without an answer is taken back
   */
  async create(messageId: string, mime: string): Promise<string> {
    try {
      const answer = await this.#client.json({
        method: 'POST',
        path: '/messages',
        mime,
        subject: this.#subject,
      });
      const { id } = (answer ?? {}) as { id?: unknown };
      if (typeof id === 'string' && id !== '') return pathOf(id);
      throw new Failure('server-answer-unexpected', { serverText: 'a draft without an id' });
    } catch (error) {
      const isRefused = isFailure(error) && error.kind !== 'transient' && error.kind !== 'protocol';
      if (!isRefused) await this.#deleteAll(messageId).catch(() => undefined);
      throw error;
    }
  }

  /** Tries to: a draft that stays changes nothing about what is said of the message. */
  async delete(path: string, signal = AbortSignal.timeout(TIDY_MS)): Promise<void> {
    const subject = this.#subject;
    const done = this.#client.done({ method: 'POST', path: `${path}/permanentDelete`, subject, signal });
    // Not in every national cloud (https://learn.microsoft.com/graph/api/message-permanentdelete): then to Deleted Items.
    await done
      .catch(() => this.#client.done({ method: 'DELETE', path, subject, signal }))
      .catch(() => undefined);
  }

  /** Those of a message, whose Message-ID is its own. */
  async #deleteAll(messageId: string): Promise<void> {
    const signal = AbortSignal.timeout(TIDY_MS);
    const query = new URLSearchParams({
      $filter: `internetMessageId eq '${messageId.replaceAll("'", "''")}'`,
      $select: 'id',
    });
    const path = `/mailFolders/drafts/messages?${query.toString()}`;
    const answer = await this.#client.json({ method: 'GET', path, subject: this.#subject, signal });
    const { value } = (answer ?? {}) as { value?: unknown };
    for (const one of Array.isArray(value) ? (value as { id?: unknown }[]) : [])
      if (typeof one.id === 'string') await this.delete(pathOf(one.id), signal);
  }
}

const pathOf = (id: string): string => `/messages/${encodeURIComponent(id)}`;

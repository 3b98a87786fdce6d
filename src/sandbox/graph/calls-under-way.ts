/**
 * Counts the calls of each app to each mailbox that are under way: Graph allows four
 * (https://learn.microsoft.com/graph/throttling-limits).
 */
import { GraphError } from './graph-error.js';

const AT_A_TIME = 4;

export class CallsUnderWay {
  readonly #counts = new Map<string, number>();

  /** Answers how to leave; leaving twice is leaving once. @throws GraphError 429 */
  enter(key: string): () => void {
    const count = this.#counts.get(key) ?? 0;
    if (count >= AT_A_TIME) {
      throw new GraphError(429, 'ApplicationThrottled', 'Application is over its MailboxConcurrency limit.', {
        'Retry-After': '1',
      });
    }
    this.#counts.set(key, count + 1);
    let hasLeft = false;
    return () => {
      if (hasLeft) return;
      hasLeft = true;
      const left = (this.#counts.get(key) ?? 1) - 1;
      if (left === 0) this.#counts.delete(key);
      else this.#counts.set(key, left);
    };
  }
}

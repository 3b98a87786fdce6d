/**
 * Lets four calls at a time through to one mailbox, which is what Graph allows an app
 * (https://learn.microsoft.com/graph/throttling-limits, Outlook service). All sessions of this process count together.
 */

export const CALLS_AT_A_TIME = 4;

class Gate {
  #inside = 0;
  readonly #waiting: (() => void)[] = [];

  get inside(): number {
    return this.#inside;
  }

  /** Answers how to leave; leaving twice is leaving once. */
  async enter(): Promise<() => void> {
    if (this.#inside < CALLS_AT_A_TIME) this.#inside += 1;
    else await new Promise<void>((resolve) => void this.#waiting.push(resolve));
    let left = false;
    return () => {
      if (left) return;
      left = true;
      const next = this.#waiting.shift();
      if (next === undefined) this.#inside -= 1;
      else next(); // the place goes over to whoever waited longest
    };
  }
}

const gates = new Map<string, Gate>();

const keyOf = (host: string, mailbox: string): string => `${host} ${mailbox.toLowerCase()}`;

/** How many calls to a mailbox are under way. */
export const callsUnderWay = (host: string, mailbox: string): number =>
  gates.get(keyOf(host, mailbox))?.inside ?? 0;

/** Waits for a place among the calls to a mailbox. */
export async function enterGate(host: string, mailbox: string): Promise<() => void> {
  const key = keyOf(host, mailbox);
  let gate = gates.get(key);
  if (gate === undefined) {
    gate = new Gate();
    gates.set(key, gate);
  }
  const own = gate;
  const leave = await own.enter();
  return () => {
    leave();
    if (own.inside === 0 && gates.get(key) === own) gates.delete(key);
  };
}

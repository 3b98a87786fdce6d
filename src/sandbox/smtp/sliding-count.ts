/** A sum over a window that ends now. Owns: what has left the window. */

export class SlidingCount {
  readonly #windowMs: number;
  #entries: { readonly at: number; readonly amount: number }[] = [];
  #first = 0;
  #sum = 0;
  #peak = 0;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /** The highest that the sum has been. */
  get peak(): number {
    return this.#peak;
  }

  sum(now: number): number {
    for (let entry = this.#entries[this.#first]; entry !== undefined; entry = this.#entries[this.#first]) {
      if (entry.at > now - this.#windowMs) break;
      this.#sum -= entry.amount;
      this.#first += 1;
    }
    // The array is moved seldom, so that adding stays cheap.
    if (this.#first > 1000) {
      this.#entries = this.#entries.slice(this.#first);
      this.#first = 0;
    }
    return this.#sum;
  }

  add(amount: number, now: number): void {
    this.#entries.push({ at: now, amount });
    this.#sum += amount;
    this.#peak = Math.max(this.#peak, this.sum(now));
  }
}

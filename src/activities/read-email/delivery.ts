/**
 * Which attachments are delivered, decided before they are downloaded wherever the transport tells of them. Owns: the
 * rules and the caps, and the reason for what is left out. Must not: fetch or decode.
 */
import type { ReadEmailConfig, ReceivedAttachment } from '../../generated/types.js';
import { fitsAny } from './patterns.js';

export type Omission = NonNullable<ReceivedAttachment['omitted']>;

export interface Candidate {
  readonly name: string;
  readonly contentType: string;
  readonly disposition: 'attachment' | 'inline';
  readonly size: number;
}

/** An attachment before its download; its decoded bytes are between `least` and `most`. */
export interface OutlinedCandidate extends Omit<Candidate, 'size'> {
  readonly part: string;
  readonly least: number;
  readonly most: number;
}

/** What was decided of a message before its download. */
interface Plan {
  /** Bytes that it will surely deliver, and could deliver. */
  readonly least: number;
  readonly most: number;
  /** By part. */
  readonly omitted: ReadonlyMap<string, Omission>;
}

/** The rules of one activity; counts what a run delivers. */
export class DeliveryRules {
  readonly #config: ReadEmailConfig;
  #runBytes = 0;
  /** Messages on their way, by id, in their order. */
  readonly #plans = new Map<string, Plan>();

  constructor(config: ReadEmailConfig) {
    this.#config = config;
  }

  /** False when no attachment of any message is wanted. */
  get any(): boolean {
    return this.#config.includeAttachments !== false;
  }

  /** True when an attachment can only be wanted or not as a whole kind: then everything comes in one stream. */
  get everything(): boolean {
    const { attachmentsOnly, attachmentsExcept, attachmentTypes, inlineImages = true } = this.#config;
    const { attachmentMaxBytes, messageMaxBytes, runMaxBytes } = this.#config;
    return (
      this.any &&
      inlineImages &&
      [
        attachmentsOnly,
        attachmentsExcept,
        attachmentTypes,
        attachmentMaxBytes,
        messageMaxBytes,
        runMaxBytes,
      ].every((rule) => rule === undefined)
    );
  }

  /**
   * What of a message need not be downloaded, by part: what the rules leave out however large it turns out to be. To be
   * asked for one message after the other, in their order; once more when a message is fetched once more.
   * @param isCertain whether the message is delivered for sure
   */
  plan(
    id: string,
    attachments: readonly OutlinedCandidate[],
    isCertain: boolean,
  ): ReadonlyMap<string, Omission> {
    this.#forgetFrom(id);
    let runLeast = this.#runBytes;
    let runMost = this.#runBytes;
    for (const plan of this.#plans.values()) {
      runLeast += plan.least;
      runMost += plan.most;
    }
    const omitted = new Map<string, Omission>();
    let least = 0;
    let most = 0;
    for (const one of attachments) {
      const reason =
        this.omission({ ...one, size: one.least }) ??
        this.#cap(least + one.least, runLeast + least + one.least);
      if (reason !== undefined) {
        omitted.set(one.part, reason);
        continue;
      }
      most += one.most;
      // What might still be left out takes no room from those behind it.
      const stays =
        this.omission({ ...one, size: one.most }) === undefined &&
        this.#cap(most, runMost + most) === undefined;
      if (stays) least += one.least;
    }
    this.#plans.set(id, { least: isCertain ? least : 0, most, omitted });
    return omitted;
  }

  /** Messages that are fetched once more are planned once more. */
  forgetPlans(): void {
    this.#plans.clear();
  }

  #forgetFrom(id: string): void {
    if (!this.#plans.has(id)) return;
    let found = false;
    for (const known of [...this.#plans.keys()]) {
      found ||= known === id;
      if (found) this.#plans.delete(known);
    }
  }

  /** The plan of a message that is there now, unless it was planned in vain: then those before it have gone. */
  #takePlan(id: string): Plan | undefined {
    const plan = this.#plans.get(id);
    if (plan === undefined) return undefined;
    for (const known of [...this.#plans.keys()]) {
      this.#plans.delete(known);
      if (known === id) break;
    }
    return plan;
  }

  /**
   * The rules for the attachments of one message, to be asked in their order.
   * @param inParts the id of a message that was fetched as planned
   */
  message(id = '', inParts = false): MessageDelivery {
    const plan = this.#takePlan(id);
    const omitted = inParts ? plan?.omitted : undefined;
    let bytes = 0;
    return {
      room: this.#room,
      judge: (attachment) => {
        const planned = attachment.part === undefined ? undefined : omitted?.get(attachment.part);
        const reason =
          planned ??
          this.omission(attachment) ??
          this.#cap(bytes + attachment.size, this.#runBytes + attachment.size);
        if (reason === undefined) {
          bytes += attachment.size;
          this.#runBytes += attachment.size;
        }
        return reason;
      },
    };
  }

  /** No attachment that is larger is delivered now. */
  get #room(): number {
    const {
      attachmentMaxBytes = Infinity,
      messageMaxBytes = Infinity,
      runMaxBytes = Infinity,
    } = this.#config;
    return Math.min(attachmentMaxBytes, messageMaxBytes, runMaxBytes - this.#runBytes);
  }

  /** Why an attachment is left out whatever else is delivered; caps on sums are the message's delivery. */
  omission({ name, contentType, disposition, size }: Candidate): Omission | undefined {
    const { attachmentsOnly, attachmentsExcept, attachmentTypes, inlineImages = true } = this.#config;
    if (!this.any) return 'switched-off';
    if (disposition === 'inline' && !inlineImages) return 'inline';
    if (attachmentsOnly !== undefined && !fitsAny(name, attachmentsOnly)) return 'name';
    if (attachmentsExcept !== undefined && fitsAny(name, attachmentsExcept)) return 'name';
    if (attachmentTypes !== undefined && !fitsAny(contentType, attachmentTypes)) return 'type';
    if (size > (this.#config.attachmentMaxBytes ?? Infinity)) return 'too-large';
    return this.#cap(size, size);
  }

  #cap(ofMessage: number, ofRun: number): Omission | undefined {
    if (ofMessage > (this.#config.messageMaxBytes ?? Infinity)) return 'message-limit';
    return ofRun > (this.#config.runMaxBytes ?? Infinity) ? 'run-limit' : undefined;
  }
}

export interface MessageDelivery {
  /** No attachment with more bytes is delivered. */
  readonly room: number;
  /** Why an attachment is not delivered; undefined: it is, and counts. */
  judge(attachment: Candidate & { readonly part?: string }): Omission | undefined;
}

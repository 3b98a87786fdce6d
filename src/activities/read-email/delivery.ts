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

/** The rules of one activity; counts what a run delivers. */
export class DeliveryRules {
  readonly #config: ReadEmailConfig;
  #runBytes = 0;

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

  /** The rules for the attachments of one message, to be asked in their order. */
  message(): MessageDelivery {
    let bytes = 0;
    return {
      judge: (attachment) => {
        const reason =
          this.omission(attachment) ?? this.#cap(bytes + attachment.size, this.#runBytes + attachment.size);
        if (reason === undefined) {
          bytes += attachment.size;
          this.#runBytes += attachment.size;
        }
        return reason;
      },
    };
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
  /** Why an attachment is not delivered; undefined: it is, and counts. */
  judge(attachment: Candidate): Omission | undefined;
}

/**
 * What happens to a message once it was accepted: a copy in the sender's Sent Items, one in every local INBOX, and
 * the rest into the outbox of the world, which goes nowhere.
 */
import { randomUUID } from 'node:crypto';
import type { Cloud } from '../directory/cloud.js';
import type { Directory } from '../directory/directory.js';
import type { Mailbox } from '../directory/entities.js';
import { formatDate } from '../mime/header.js';
import type { MailStore } from '../store/mail-store.js';
import {
  parseHeader,
  prependFields,
  readAddresses,
  readField,
  removeFields,
  replaceFields,
} from './header-edit.js';
import { HOST } from './replies.js';

export interface WorldMessage {
  readonly from: string;
  /** The recipients outside the tenant. */
  readonly recipients: readonly string[];
  readonly source: Buffer;
  readonly at: Date;
}

export interface Submission {
  readonly directory: Directory;
  readonly acting: Mailbox;
  readonly from: string;
  readonly recipients: readonly string[];
  readonly source: Buffer;
  /** What the client called itself in EHLO. */
  readonly clientName: string;
  /** The draft that it was; it stays the same item when it is sent. */
  readonly itemId?: string;
}

const MAX_WORLD_MESSAGES = 1000;

export class Delivery {
  /** Mail that left the tenant, oldest first. */
  readonly world: WorldMessage[] = [];
  readonly #cloud: Cloud;
  readonly #store: MailStore;
  readonly #now: () => number;

  constructor(cloud: Cloud, store: MailStore, now: () => number) {
    this.#cloud = cloud;
    this.#store = store;
    this.#now = now;
  }

  /** Delivers to everybody and returns the message's Message-ID. */
  deliver(submission: Submission): string {
    const { acting, recipients, itemId } = submission;
    const at = new Date(this.#now());
    const complete = this.#complete(submission, at);
    const messageId = readField(complete, parseHeader(complete), 'message-id') ?? '';

    const sender = this.#store.open(acting);
    sender.findByRole('sent')?.add(sender.keepSource(complete), ['\\Seen'], at, itemId);

    const delivered = prependFields(removeFields(complete, 'bcc'), [
      `Received: from ${submission.clientName} ([127.0.0.1]) by ${HOST} with Microsoft SMTP Server; ${formatDate(at)}`,
    ]);
    const local = new Set<Mailbox>();
    const foreign: string[] = [];
    for (const recipient of recipients) {
      const mailbox = this.#cloud.findMailbox(recipient);
      if (mailbox === undefined) foreign.push(recipient);
      else local.add(mailbox);
    }
    for (const mailbox of local) {
      const target = this.#store.open(mailbox);
      target.folder('INBOX').add(target.keepSource(delivered), [], at);
    }
    if (foreign.length > 0) {
      this.world.push({ from: submission.from, recipients: foreign, source: delivered, at });
      if (this.world.length > MAX_WORLD_MESSAGES) this.world.shift();
    }
    return messageId;
  }

  /** Adds what a message must have, and turns an alias in From into the primary address unless that is allowed. */
  #complete({ directory, acting, source }: Submission, at: Date): Buffer {
    const header = parseHeader(source);
    const missing: string[] = [];
    if (readField(source, header, 'message-id') === undefined) {
      missing.push(`Message-ID: <${randomUUID()}@${HOST.toLowerCase()}>`);
    }
    if (readField(source, header, 'date') === undefined) missing.push(`Date: ${formatDate(at)}`);
    if (readField(source, header, 'from') === undefined) missing.push(`From: <${acting.address}>`);
    const complete = missing.length === 0 ? source : prependFields(source, missing);
    const [from = acting.address] = readAddresses(source, header, 'from');
    const isAlias = acting.aliases.some((alias) => alias.toLowerCase() === from.toLowerCase());
    if (!isAlias || directory.tenant.sendFromAliasEnabled) return complete;
    const name = encodeDisplayName(acting.displayName);
    return replaceFields(complete, 'from', `From: ${name} <${acting.address}>`);
  }
}

function encodeDisplayName(name: string): string {
  return /^[\w ]+$/u.test(name) ? name : `=?utf-8?B?${Buffer.from(name, 'utf8').toString('base64')}?=`;
}

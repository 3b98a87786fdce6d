/**
 * winmail.dat (MS-OXTNEF): what Outlook wraps a whole message in for readers that it takes for its like. Owns: files,
 * bodies and messages within it. Must not: make names safe; that is for whoever stores the files.
 */
import { cleanText, decodeCharset, decodeUndeclared } from '../mime/charset.js';
import { codePageLabel } from './code-pages.js';
import { PROPERTY, PROPERTY_TYPE, readProperties, type Properties } from './mapi-properties.js';
import { textOfRtf, unwrapRtf } from './rtf-body.js';
import { decompressRtf } from './rtf-compressed.js';
import { Warnings, type ContentWarning } from './warnings.js';

export interface TnefFile {
  /** As the sender wrote it; null when there is none. */
  readonly name: string | null;
  /** As the sender wrote it, lower case; application/octet-stream when there is none. */
  readonly contentType: string;
  /** Without angle brackets. */
  readonly contentId: string | null;
  /** A slice of what was given. */
  readonly bytes: Buffer;
}

export interface TnefMessage {
  readonly subject: string | null;
  readonly text: string | null;
  readonly html: string | null;
  /** The RTF body, decompressed, whatever it was made of. */
  readonly rtf: Buffer | null;
  readonly files: readonly TnefFile[];
  /** Messages that were attached in Outlook's own form, opened. */
  readonly messages: readonly TnefMessage[];
}

export interface TnefContent {
  /** null when the bytes are not TNEF. */
  readonly message: TnefMessage | null;
  readonly warnings: readonly ContentWarning[];
}

const SIGNATURE = 0x223e9f78;
/** Interface id in front of an object in a property. */
const OBJECT_ID_BYTES = 16;
const MAX_DEPTH = 10;
const MAX_FILES = 10_000;
const OCTET_STREAM = 'application/octet-stream';

/** Attributes that matter (MS-OXTNEF section 2.1.3.2), with their type in the upper half. */
const ATTRIBUTE = {
  oemCodePage: 0x00069007,
  messageProperties: 0x00069003,
  subject: 0x00018004,
  body: 0x0002800c,
  attachRenderData: 0x00069002,
  attachTitle: 0x00018010,
  attachData: 0x0006800f,
  attachProperties: 0x00069005,
} as const;

export function readTnef(bytes: Buffer): TnefContent {
  const warnings = new Warnings();
  const message = new MessageReader(bytes, 0, { files: 0 }, warnings).read();
  if (message === undefined) warnings.add('tnef-unreadable');
  return { message: message ?? null, warnings: warnings.list };
}

/** All files of the message and of the messages within it; of these the bodies too, which are no file otherwise. */
export function tnefFiles(message: TnefMessage): TnefFile[] {
  return [
    ...message.files,
    ...message.messages.flatMap((inner) => [...bodyFile(inner), ...tnefFiles(inner)]),
  ];
}

function bodyFile({ subject, text, html, rtf }: TnefMessage): TnefFile[] {
  const name =
    subject === null || subject.trim() === '' ? 'message' : subject.replaceAll(/[/\\<>:"|?*]/gu, '_');
  const file = (extension: string, contentType: string, content: Buffer | string): TnefFile[] => [
    { name: `${name}.${extension}`, contentType, contentId: null, bytes: Buffer.from(content) },
  ];
  if (html !== null) return file('html', 'text/html', html);
  if (text !== null) return file('txt', 'text/plain', text);
  return rtf === null ? [] : file('rtf', 'text/rtf', rtf);
}

/** Lines end with LF. */
export interface TnefBody {
  readonly text: string | null;
  readonly html: string | null;
  readonly warnings: readonly ContentWarning[];
}

/** What a reader would show of it: where there is only RTF, the text of that. */
export function tnefBody({ text, html, rtf }: TnefMessage): TnefBody {
  const warnings = new Warnings();
  const shown = text ?? (html === null && rtf !== null ? textOfRtf(rtf, warnings) : null);
  const lines = (body: string | null): string | null => body?.replaceAll(/\r\n?/gu, '\n') ?? null;
  return { text: lines(shown), html: lines(html), warnings: warnings.list };
}

interface Attachment {
  title: Buffer | undefined;
  data: Buffer | undefined;
  properties: Properties;
}

const NO_PROPERTIES: Properties = new Map();

class MessageReader {
  readonly #bytes: Buffer;
  readonly #depth: number;
  /** Counted over all messages within each other. */
  readonly #total: { files: number };
  readonly #warnings: Warnings;
  readonly #attachments: Attachment[] = [];
  #properties: Properties = NO_PROPERTIES;
  #body: Buffer | undefined;
  #subject: Buffer | undefined;
  #codePage = 1252;

  constructor(bytes: Buffer, depth: number, total: { files: number }, warnings: Warnings) {
    this.#bytes = bytes;
    this.#depth = depth;
    this.#total = total;
    this.#warnings = warnings;
  }

  read(): TnefMessage | undefined {
    if (this.#bytes.length < 6 || this.#bytes.readUInt32LE(0) !== SIGNATURE) return undefined;
    this.#readAttributes();
    const files: TnefFile[] = [];
    const messages: TnefMessage[] = [];
    for (const attachment of this.#attachments) {
      const inner = this.#innerMessage(attachment);
      if (inner === undefined) files.push(this.#file(attachment));
      else messages.push(inner);
    }
    return { ...this.#bodies(), files, messages };
  }

  #readAttributes(): void {
    const bytes = this.#bytes;
    let at = 6;
    while (at < bytes.length) {
      const level = bytes[at];
      if (level !== 1 && level !== 2) {
        this.#warnings.add('tnef-garbage', bytes.length - at);
        return;
      }
      if (at + 9 > bytes.length) break;
      const id = bytes.readUInt32LE(at + 1);
      const length = bytes.readUInt32LE(at + 5);
      const data = bytes.subarray(at + 9, at + 9 + length);
      at += 9 + length + 2;
      if (at <= bytes.length && checksum(data) !== bytes.readUInt16LE(at - 2))
        this.#warnings.add('tnef-checksum');
      this.#attribute(id, data);
    }
    if (at > bytes.length || at < bytes.length) this.#warnings.add('tnef-truncated');
  }

  #attribute(id: number, data: Buffer): void {
    switch (id) {
      case ATTRIBUTE.oemCodePage:
        if (data.length >= 4) this.#codePage = data.readUInt32LE(0);
        break;
      case ATTRIBUTE.messageProperties:
        this.#properties = readProperties(data, this.#warnings);
        break;
      case ATTRIBUTE.subject:
        this.#subject = data;
        break;
      case ATTRIBUTE.body:
        this.#body = data;
        break;
      case ATTRIBUTE.attachRenderData:
        this.#addAttachment();
        break;
      case ATTRIBUTE.attachTitle:
        this.#attachment().title = data;
        break;
      case ATTRIBUTE.attachData:
        this.#attachment().data = data;
        break;
      case ATTRIBUTE.attachProperties:
        this.#attachment().properties = readProperties(data, this.#warnings);
        break;
      default:
    }
  }

  #addAttachment(): Attachment {
    const attachment: Attachment = { title: undefined, data: undefined, properties: NO_PROPERTIES };
    if (this.#total.files < MAX_FILES) this.#attachments.push(attachment);
    else this.#warnings.add('tnef-too-many-files', MAX_FILES);
    this.#total.files++;
    return attachment;
  }

  /** The one that began last; attributes of an attachment without a beginning make one. */
  #attachment(): Attachment {
    return this.#total.files > MAX_FILES
      ? { title: undefined, data: undefined, properties: NO_PROPERTIES }
      : (this.#attachments.at(-1) ?? this.#addAttachment());
  }

  #innerMessage({ properties }: Attachment): TnefMessage | undefined {
    const value = properties.get(PROPERTY.attachData);
    if (value?.type !== PROPERTY_TYPE.object) return undefined;
    const object = value.bytes.subarray(OBJECT_ID_BYTES);
    if (object.length < 6 || object.readUInt32LE(0) !== SIGNATURE) return undefined;
    if (this.#depth >= MAX_DEPTH) {
      this.#warnings.add('tnef-too-deep', MAX_DEPTH);
      return undefined;
    }
    return new MessageReader(object, this.#depth + 1, this.#total, this.#warnings).read();
  }

  #file({ title, data, properties }: Attachment): TnefFile {
    const contentId = this.#string(properties, PROPERTY.attachContentId)?.replace(/^<|>$/gu, '') ?? '';
    const name =
      this.#string(properties, PROPERTY.attachLongFileName) ??
      this.#string(properties, PROPERTY.attachFileName) ??
      (title === undefined ? undefined : this.#decode(untilNul(title))) ??
      this.#string(properties, PROPERTY.displayName) ??
      '';
    const stored = properties.get(PROPERTY.attachData);
    const object = stored?.type === PROPERTY_TYPE.object ? OBJECT_ID_BYTES : 0;
    return {
      name: name === '' ? null : name,
      contentType: this.#string(properties, PROPERTY.attachMimeTag)?.toLowerCase() ?? OCTET_STREAM,
      contentId: contentId === '' ? null : contentId,
      bytes: data ?? stored?.bytes.subarray(object) ?? Buffer.alloc(0),
    };
  }

  #bodies(): Pick<TnefMessage, 'subject' | 'text' | 'html' | 'rtf'> {
    const compressed = this.#properties.get(PROPERTY.bodyRtf);
    const rtf = compressed === undefined ? undefined : decompressRtf(compressed.bytes, this.#warnings);
    const unwrapped = rtf === undefined ? undefined : unwrapRtf(rtf, this.#warnings);
    const subject =
      this.#string(this.#properties, PROPERTY.subject) ??
      (this.#subject === undefined ? undefined : this.#decode(untilNul(this.#subject)));
    const text =
      (this.#body === undefined ? undefined : this.#decode(untilNul(this.#body))) ??
      this.#string(this.#properties, PROPERTY.bodyText) ??
      (unwrapped?.kind === 'text' ? unwrapped.content : undefined);
    const html = this.#html() ?? (unwrapped?.kind === 'html' ? unwrapped.content : undefined);
    return { subject: subject ?? null, text: text ?? null, html: html ?? null, rtf: rtf ?? null };
  }

  #html(): string | undefined {
    const value = this.#properties.get(PROPERTY.bodyHtml);
    if (value === undefined) return undefined;
    const page = this.#properties.get(PROPERTY.internetCodePage);
    const codePage = page?.type === PROPERTY_TYPE.long ? page.bytes.readUInt32LE(0) : this.#codePage;
    return value.type === PROPERTY_TYPE.unicode
      ? this.#string(this.#properties, PROPERTY.bodyHtml)
      : this.#decode(untilNul(value.bytes), codePage);
  }

  #string(properties: Properties, id: number): string | undefined {
    const value = properties.get(id);
    if (value === undefined) return undefined;
    if (value.type === PROPERTY_TYPE.unicode) return cleanText(value.bytes.toString('utf16le'));
    return value.type === PROPERTY_TYPE.string8 ? this.#decode(untilNul(value.bytes)) : undefined;
  }

  #decode(bytes: Buffer, codePage = this.#codePage): string {
    const label = codePageLabel(codePage);
    if (label === undefined) return decodeUndeclared(bytes);
    const { text, warning } = decodeCharset(bytes, label);
    if (warning !== undefined) this.#warnings.add(warning, label);
    return text;
  }
}

function untilNul(bytes: Buffer): Buffer {
  const end = bytes.indexOf(0);
  return end === -1 ? bytes : bytes.subarray(0, end);
}

function checksum(bytes: Buffer): number {
  let sum = 0;
  for (const byte of bytes) sum = (sum + byte) & 0xffff;
  return sum;
}

/**
 * A record that answers or forwards a message that was read. Owns: what follows from that message, where the record and the
 * activity leave it open. Must not: judge whether it may be answered; storms.ts does.
 */
import { Failure } from '../../errors/index.js';
import type {
  AnsweredMessage,
  AnswerTo,
  Attachment,
  EmailAddress,
  Microsoft365Connection,
  ReceivedAddress,
  SendEmailConfig,
  SendEmailRequest,
} from '../../generated/types.js';
import { activityMailbox, chosenMailbox, sameAddress } from '../mailbox-choice.js';
import { assertAnswerable } from './storms.js';
import { isAddress } from './addresses.js';
import { withQuote } from './quote.js';
import { oneLine } from './template.js';

/** Settings and record, with what follows from the message in its place. */
export interface Answering {
  readonly config: SendEmailConfig;
  readonly request: SendEmailRequest;
}

const MAX_SUBJECT = 900;
const MAX_RECIPIENTS = 500;
const MAX_ATTACHMENTS = 250;
/** RFC 5322 sets no limit; the first and the latest ones are what programs order a conversation by. */
const MAX_REFERENCES = 40;

/** @throws Failure answer-not-wanted, answer-attachment-missing, override-not-allowed, input-invalid */
export function answering(
  settings: Microsoft365Connection,
  config: SendEmailConfig,
  request: SendEmailRequest,
): Answering {
  const { answerTo } = request;
  if (answerTo === undefined) return { config, request };
  const { message, how } = answerTo;
  const own = ownAddresses(settings, config, request, message);
  assertAnswerable(answerTo, own);
  const people = how === 'forward' || request.to !== undefined ? {} : recipientsOf(message, how, own);
  const body = bodyOf(config, request, answerTo);
  const carried = carriedOf(answerTo, body.html ?? '', request.attachments ?? []);
  const attachments = [...(request.attachments ?? []), ...carried];
  if (attachments.length > MAX_ATTACHMENTS) throw tooMany('attachments', 'attachments', MAX_ATTACHMENTS);
  const subject = config.subject ?? subjectOf(message, how);
  return {
    config: { ...withoutBody(config), subject },
    request: { ...people, ...conversationOf(message, how), ...withoutBody(request), ...body, attachments },
  };
}

/** By which the mailbox is known here; other aliases of it are known to Exchange only. */
function ownAddresses(
  settings: Microsoft365Connection,
  config: SendEmailConfig,
  request: SendEmailRequest,
  message: AnsweredMessage,
): string[] {
  return [
    chosenMailbox(settings, config, request),
    activityMailbox(settings, config),
    ...[request.from?.address, config.from?.address, message.mailbox].filter((one) => one !== undefined),
  ];
}

function recipientsOf(
  message: AnsweredMessage,
  how: 'reply' | 'reply-all',
  own: readonly string[],
): Pick<SendEmailRequest, 'to' | 'cc'> {
  const others = (addresses: readonly EmailAddress[], taken: readonly EmailAddress[] = []): EmailAddress[] =>
    addresses.filter(
      ({ address }) =>
        !own.some((one) => sameAddress(one, address)) &&
        !taken.some((one) => sameAddress(one.address, address)),
    );
  const answersGoTo = usable(message.replyTo);
  const authors = answersGoTo.length > 0 ? answersGoTo : usable(message.from);
  // To a message of one's own, the answer goes where that message went.
  const isOwn = authors.length > 0 && others(authors).length === 0;
  const to = isOwn ? others(usable(message.to)) : others(authors);
  if (to.length === 0) throw unusable('answerTo', 'answerTo/message/from', 'required');
  if (to.length > MAX_RECIPIENTS) throw tooMany('answerTo', 'answerTo/message/from', MAX_RECIPIENTS);
  if (how === 'reply') return { to };
  const cc = others([...usable(message.to), ...usable(message.cc)], to);
  if (cc.length > MAX_RECIPIENTS) throw tooMany('answerTo', 'answerTo/message/cc', MAX_RECIPIENTS);
  return cc.length === 0 ? { to } : { to, cc };
}

/** Foreign mail holds what is no address, such as the name of a hidden list; nobody can be reached by it. */
function usable(addresses: readonly ReceivedAddress[] = []): EmailAddress[] {
  const seen = new Set<string>();
  return addresses.flatMap(({ name, address }) => {
    const shown = oneLine(name).slice(0, 320).toWellFormed();
    const key = address.toLowerCase();
    if (seen.has(key) || address.length > 320 || !ADDRESS.test(address) || !isAddress(address)) return [];
    seen.add(key);
    return [shown === '' ? { address } : { name: shown, address }];
  });
}

/** That of the address schema. */
const ADDRESS = /^[^\s@<>,;:"()[\]\\\p{Cc}]+@[^\s@<>,;:"()[\]\\\p{Cc}]+$/u;
const MESSAGE_ID = /^<[^<>\s\p{Cc}\P{ASCII}]+>$/u;

const isMessageId = (id: string | null | undefined): id is string =>
  typeof id === 'string' && id.length <= 500 && MESSAGE_ID.test(id);

/** RFC 5322 section 3.6.4. A forwarded message is referred to, not replied to. */
function conversationOf(
  { messageId, inReplyTo, references = [] }: AnsweredMessage,
  how: AnswerTo['how'],
): Pick<SendEmailRequest, 'inReplyTo' | 'references'> {
  const known = references.filter(isMessageId);
  const before = known.length === 0 && isMessageId(inReplyTo) ? [inReplyTo] : known;
  const all = [...new Set([...before, ...(isMessageId(messageId) ? [messageId] : [])])];
  const kept = all.length > MAX_REFERENCES ? [...all.slice(0, 1), ...all.slice(1 - MAX_REFERENCES)] : all;
  return {
    ...(kept.length === 0 ? {} : { references: kept }),
    ...(how !== 'forward' && isMessageId(messageId) ? { inReplyTo: messageId } : {}),
  };
}

/** What mail programs put before a subject, in the languages they are sold in. */
const REPLY = /^(?:re|aw|antw|sv|vs|odp|res|ref|rif|ynt)(?:\s?\[\d{1,3}\])?\s?[:：]/iu;
const FORWARD = /^(?:fwd?|wg|rv|tr|i|enc|vb|doorst|vl|pd)(?:\s?\[\d{1,3}\])?\s?[:：]/iu;

function subjectOf({ subject = '' }: AnsweredMessage, how: AnswerTo['how']): string {
  const bare = oneLine(subject).toWellFormed();
  const [prefix, known] = how === 'forward' ? ['Fwd: ', FORWARD] : ['Re: ', REPLY];
  return (known.test(bare) ? bare : `${prefix}${bare}`).slice(0, MAX_SUBJECT).toWellFormed().trim();
}

function bodyOf(
  config: SendEmailConfig,
  request: SendEmailRequest,
  { message, how, quote = true }: AnswerTo,
): Pick<SendEmailRequest, 'text' | 'html'> {
  const text = request.text ?? (request.html === undefined ? config.text : undefined);
  const html = request.html ?? (request.text === undefined ? config.html : undefined);
  const body = quote
    ? withQuote({ text, html }, message, how === 'forward' ? 'forward' : 'reply')
    : { text, html };
  return defined(body);
}

function withoutBody<Words extends { text?: string; html?: string }>(words: Words): Words {
  const rest = { ...words };
  delete rest.text;
  delete rest.html;
  return rest;
}

function defined({ text, html }: { text: string | undefined; html: string | undefined }) {
  return { ...(text === undefined ? {} : { text }), ...(html === undefined ? {} : { html }) };
}

/**
 * A forwarded message takes its files with it; an answer only what its quote shows.
 * @throws Failure answer-attachment-missing: a file would be lost on the way
 */
function carriedOf(
  { message, how, quote = true, attachments = true }: AnswerTo,
  html: string,
  own: readonly Attachment[],
): Attachment[] {
  if (!attachments) return [];
  return (message.attachments ?? []).flatMap((one): Attachment[] => {
    const { name, contentType, contentId, file } = one;
    const content: Attachment['content'] | undefined =
      one.content ?? (file === undefined ? undefined : { file });
    const isShown =
      quote &&
      typeof contentId === 'string' &&
      CONTENT_ID.test(contentId) &&
      html.includes(`cid:${contentId}`) &&
      !own.some((file) => file.contentId === contentId);
    if (how !== 'forward' && !isShown) return [];
    if (content === undefined) {
      if (how !== 'forward') return [];
      throw new Failure('answer-attachment-missing', { parameters: { name } });
    }
    return [
      {
        name: fileName(name),
        content,
        ...(contentType !== undefined && MEDIA_TYPE.test(contentType) ? { contentType } : {}),
        ...(isShown ? { contentId } : {}),
      },
    ];
  });
}

const CONTENT_ID = /^[^\s<>\p{Cc}]{1,255}$/u;
const MEDIA_TYPE = /^[\w!#$&^.+-]{1,100}\/[\w!#$&^.+-]{1,100}$/u;

/** Read Email makes names safe; what came another way may not be. */
const fileName = (name: string): string => {
  const safe = name
    .replaceAll(/[/\\\p{Cc}]+/gu, '_')
    .slice(-255)
    .toWellFormed();
  return safe === '' ? 'attachment' : safe;
};

const tooMany = (field: string, pointer: string, limit: number): Failure =>
  unusable(field, pointer, 'too-many', { parameters: { limit } });

function unusable(
  field: string,
  pointer: string,
  rule: string,
  more: { parameters?: { limit: number } } = {},
): Failure {
  const label = `activities.send-email.request.${field}.label`;
  return new Failure('input-invalid', { problems: [{ pointer: `/${pointer}`, label, rule, ...more }] });
}

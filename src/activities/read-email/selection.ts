/**
 * From settings to conditions, and what of the settings does not go together. Owns: which field means which condition.
 * Must not: judge a message (judge.ts) or speak to a server.
 */
import { Failure } from '../../errors/index.js';
import type { FieldProblem, ReadEmailConfig, ReadEmailRequest } from '../../generated/types.js';
import type { Condition, MailAction, ReadTransport } from '../../mail/index.js';
import { abilitiesOf } from './abilities.js';

type Settings = ReadEmailConfig & ReadEmailRequest;

/** The fields that make a condition, in the order of the form. */
const FIELDS: Readonly<Record<Condition['field'], readonly (keyof ReadEmailConfig)[]>> = {
  readState: ['readState'],
  flagged: ['flagged'],
  from: ['from'],
  to: ['to'],
  cc: ['cc'],
  subject: ['subject'],
  body: ['body'],
  header: ['header'],
  received: ['receivedSince', 'receivedBefore'],
  sent: ['sentSince', 'sentBefore'],
  hasAttachment: ['withAttachment'],
  attachment: ['attachmentName', 'attachmentType', 'attachmentMinSize', 'attachmentMaxSize'],
  size: ['minSize', 'maxSize'],
  importance: ['importance'],
  conversation: ['conversation'],
  raw: ['search'],
};

const instant = (text: string | undefined): Date | undefined =>
  text === undefined ? undefined : new Date(text);

/** One condition for each group of fields that is set; `undefined` where none is. */
const MAKERS: {
  readonly [F in Condition['field']]: (
    settings: Settings,
    transport: ReadTransport,
  ) => Extract<Condition, { field: F }> | undefined | false;
} = {
  readState(settings, transport) {
    const state =
      settings.readState ?? (abilitiesOf(transport).readState && settings.take !== 'new' ? 'unread' : 'any');
    return state !== 'any' && { field: 'readState', is: state };
  },
  flagged: ({ flagged = 'any' }) => flagged !== 'any' && { field: 'flagged', is: flagged === 'flagged' },
  from: ({ from }) => from !== undefined && { field: 'from', contains: from },
  to: ({ to }) => to !== undefined && { field: 'to', contains: to },
  cc: ({ cc }) => cc !== undefined && { field: 'cc', contains: cc },
  subject: ({ subject }) => subject !== undefined && { field: 'subject', contains: subject },
  body: ({ body }) => body !== undefined && { field: 'body', contains: body },
  header: ({ header, headerContains = '' }) =>
    header !== undefined && { field: 'header', name: header, contains: headerContains },
  received: ({ receivedSince, receivedBefore }) =>
    (receivedSince ?? receivedBefore) !== undefined && {
      field: 'received',
      since: instant(receivedSince),
      before: instant(receivedBefore),
    },
  sent: ({ sentSince, sentBefore }) =>
    (sentSince ?? sentBefore) !== undefined && {
      field: 'sent',
      since: instant(sentSince),
      before: instant(sentBefore),
    },
  hasAttachment: ({ withAttachment = 'any' }) =>
    withAttachment !== 'any' && { field: 'hasAttachment', is: withAttachment === 'with' },
  attachment: ({ attachmentName, attachmentType, attachmentMinSize, attachmentMaxSize }) =>
    (attachmentName ?? attachmentType ?? attachmentMinSize ?? attachmentMaxSize) !== undefined && {
      field: 'attachment',
      name: attachmentName,
      type: attachmentType,
      minBytes: attachmentMinSize,
      maxBytes: attachmentMaxSize,
    },
  size: ({ minSize, maxSize }) =>
    (minSize ?? maxSize) !== undefined && { field: 'size', minBytes: minSize, maxBytes: maxSize },
  importance: ({ importance = 'any' }) => importance !== 'any' && { field: 'importance', is: importance },
  conversation: ({ conversation }) =>
    conversation !== undefined && { field: 'conversation', messageId: conversation },
  raw: ({ search }) => search !== undefined && { field: 'raw', expression: search },
};

export const transportOf = (config: Pick<ReadEmailConfig, 'transport'>): ReadTransport =>
  config.transport ?? 'imap';

/** The conditions of a run; a value of the request goes before that of the settings. */
export function conditionsOf(config: ReadEmailConfig, request: ReadEmailRequest = {}): Condition[] {
  const settings: Settings = { ...config, ...request };
  return Object.values(MAKERS).flatMap((make) => make(settings, transportOf(config)) || []);
}

/** What happens after reading; undefined for nothing. */
export function actionOf(config: ReadEmailConfig): MailAction | undefined {
  const { afterRead = 'none', afterReadFolder = '', createFolder: create = false } = config;
  if (afterRead === 'none') return undefined;
  if (afterRead === 'move' || afterRead === 'copy')
    return { kind: afterRead, folder: afterReadFolder, create };
  return { kind: afterRead };
}

/**
 * What a schema cannot say: fields that need each other, and what the transport cannot do.
 * @throws Failure settings-invalid, naming every field
 */
export function assertReadable(config: ReadEmailConfig, request: ReadEmailRequest = {}): void {
  const problems: FieldProblem[] = [];
  const refuse = (
    field: keyof ReadEmailConfig,
    rule: string,
    parameters?: FieldProblem['parameters'],
  ): void => {
    const label = `activities.read-email.config.${field}.label`;
    problems.push({ pointer: `/${field}`, label, rule, ...(parameters === undefined ? {} : { parameters }) });
  };
  const transport = transportOf(config);
  const abilities = abilitiesOf(transport);
  const { afterRead = 'none' } = config;
  if (config.headerContains !== undefined && config.header === undefined) refuse('header', 'required');
  if ((afterRead === 'move' || afterRead === 'copy') && config.afterReadFolder === undefined)
    refuse('afterReadFolder', 'required');
  if (config.startAt === 'date' && config.startDate === undefined) refuse('startDate', 'required');
  if (afterRead !== 'none' && !abilities.actions.includes(afterRead))
    refuse('afterRead', 'not-on-transport', { transport: transport.toUpperCase() });
  if (config.includeSubfolders === true && !abilities.folders)
    refuse('includeSubfolders', 'not-on-transport', { transport: transport.toUpperCase() });
  for (const { field } of conditionsOf(config, request)) {
    if (abilities.conditions[field] !== undefined) continue;
    const named = FIELDS[field].find((name) => config[name] !== undefined) ?? FIELDS[field][0];
    if (named !== undefined) refuse(named, 'not-on-transport', { transport: transport.toUpperCase() });
  }
  if (problems.length > 0) throw new Failure('settings-invalid', { problems });
}

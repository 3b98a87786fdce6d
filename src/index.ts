/**
 * The public entry: openConnector() and the types that go with it. A host needs nothing else; docs/host-contract.md
 * describes it. Owns: validation of everything that enters and leaves. Must not: do the work itself.
 */
import type { Readable } from 'node:stream';
import {
  assertReadable,
  estimateSending,
  explainReading,
  Ledger,
  openAttachment,
  openMemory,
  parkedOf,
  parseSource,
  positionsOf,
  previewReading,
  previewSending,
  readEmail,
  SendableFiles,
  sendEmail,
  setPosition,
  settleEmail,
  takeReports,
  Storms,
  Templates,
  transportOf,
  type ParkedRecord,
  type ParsedRecord,
  type PreviewedMessage,
  type ReadBatch,
  type ReadContext,
  type SendContext,
  type SendEstimate,
  type ReadingPlan,
  type ReadingPosition,
  type ReadPreview,
  type SendPreview,
  type SentReport,
  type StartAt,
} from './activities/index.js';
import {
  knownLimits,
  SendingBudget,
  systemClock,
  type Clock,
  type SendingLimits,
  type Wait,
} from './budget/index.js';
import {
  assertTenantFits,
  beginSignIn,
  checkAccess,
  completeSignIn,
  createAccess,
  disconnect,
  expiriesOf,
  expiryWarning,
  openReading,
  resolveSecrets,
  runStage,
  Settling,
  signedInFor,
  signInByDeviceCode,
  usesOf,
  TokenSource,
  TokenStore,
  type Access,
  type CheckPlan,
  type CompletedSignIn,
  type DeviceSignInStep,
  type Expiry,
  type ReadingTarget,
  type SecretStore,
  type SendingTarget,
  type SignedIn,
  type SignInStart,
} from './connection/index.js';
import { asFailure, Failure } from './errors/index.js';
import type {
  Check,
  EmailRecord,
  FailureReport,
  Folder,
  FormLayer,
  Manifest,
  ManifestActivity,
  Microsoft365Connection,
  ReadEmailConfig,
  ReadEmailRequest,
  SendEmailConfig,
  SendEmailRequest,
  SendEmailResponse,
  Settled,
  SettleOutcome,
} from './generated/types.js';
import {
  languages,
  loadFormLayer,
  loadManifest,
  loadSample,
  problemsOf,
  renderFailure,
  resolveSchema,
  textsIn,
  validated,
  type JsonSchema,
  type ReadableFailure,
} from './manifest/index.js';
import { assertPolicy, type NetPolicy, type TranscriptEntry } from './net/index.js';
import { openMemoryState, randomVault, type State, type Vault } from './state/index.js';

export type * from './generated/types.js';
export type { CompletedSignIn, DeviceSignInStep, Expiry, SignedIn, SignInStart };
export type {
  ParkedRecord,
  ParsedRecord,
  PreviewedMessage,
  ReadingPlan,
  ReadingPosition,
  ReadPreview,
  SendEstimate,
  SendPreview,
  SentReport,
  StartAt,
};
export type { Clock, SendingLimits, Wait };
export type { JsonSchema, NetPolicy, TranscriptEntry, ReadableFailure, ReadBatch, SecretStore, State, Vault };
export {
  defaultPlaces,
  openDatabaseState,
  openLocalStore,
  openMemoryState,
  openPostgresState,
  openVault,
  proveKey,
} from './state/index.js';
export { resealTokens } from './connection/index.js';
export { browserUrl } from './net/index.js';
export { Failure, asFailure, isFailure, type FailureCode, type FailureKind } from './errors/index.js';

/**
 * The record that Read Email makes of a message, made of its source alone: no mailbox, no connection, and so without what only
 * a mailbox tells.
 * @param settings those of Read Email that shape a record @throws Failure settings-invalid
 */
export async function parseMessageSource(
  source: AsyncIterable<Buffer>,
  settings: Readonly<Record<string, unknown>> = {},
): Promise<ParsedRecord> {
  const { config, messages } =
    loadManifest().activities.find(({ id }) => id === 'read-email') ?? noSuchActivity();
  return parseSource(
    source,
    validated<ReadEmailConfig>(
      config.schema,
      { folder: 'INBOX', ...settings },
      `${messages}.config`,
      'settings-invalid',
    ),
  );
}

function noSuchActivity(): never {
  throw new Failure('internal-error');
}

export interface ConnectorOptions {
  /** The operator's network policy: trusted roots, time-outs, host remapping. */
  readonly net?: NetPolicy;
  /** Where { "$secret": "name" } in connection settings is looked up. */
  readonly secrets?: SecretStore;
  /**
   * Where sign-ins and tokens are kept, and what seals them. Without it they live in memory and end with the process.
   * Agents that share it share tokens: one asks Microsoft, all have the answer.
   */
  readonly store?: { readonly state: State; readonly vault: Vault };
  /** Folders in which the file of a federated credential may lie. Without one, that method is refused. */
  readonly assertionFolders?: readonly string[];
  /** Folders (and those below) that Read Email may write attachments to. Without one, `attachmentFolder` is refused. */
  readonly fileFolders?: readonly string[];
  /** Folders whose files (and those below) Send Email may attach. Without one, `file` as content is refused. */
  readonly sendFileFolders?: readonly string[];
  /** Where the limits of Microsoft 365 are others than usual. Agents that share a store count together. */
  readonly sendingLimits?: SendingLimits;
  /** For tests. */
  readonly clock?: Clock;
}

/** Something that ends, with what to tell a person from 30 days before. */
export interface ExpiryNotice extends Expiry {
  readonly warning?: FailureReport;
}

export interface CallOptions {
  /** Cancels the call: connections are closed and the signal's reason is thrown. */
  readonly signal?: AbortSignal | undefined;
  /** Told of every connection to a mailbox that broke or fell silent within the call, when it is opened anew. */
  readonly onResume?: ((resumed: Resumed) => void) | undefined;
  /** Told when a message waits: for its turn under the limits of Microsoft 365, or for its next try. */
  readonly onWait?: ((wait: Wait) => void) | undefined;
}

/** A connection that was opened anew, so that the call goes on. */
export interface Resumed {
  /** `host-timed-out`: it was open and said nothing for `idleTimeoutMs`. */
  readonly failure: FailureReport;
  /** Before it was opened anew, in milliseconds. */
  readonly waitedMs: number;
}

/** An activity as it is configured: which connection it uses, and its settings. Both are validated at every call. */
export interface Configured {
  /** Settings of a microsoft365 connection. */
  readonly connection: unknown;
  readonly config: unknown;
}

export interface ActivityDescription {
  readonly manifest: ManifestActivity;
  readonly name: string;
  readonly description: string;
  /** Self-contained JSON Schemas, every $ref resolved. */
  readonly config: JsonSchema;
  readonly request: JsonSchema;
  readonly response: JsonSchema;
  readonly forms: { readonly config: FormLayer | undefined; readonly request: FormLayer | undefined };
  /** One response record, to map against without a connection. */
  readonly sample: unknown;
}

/** A run of Read Email. */
export interface Reading extends Configured {
  readonly request?: unknown;
  /**
   * Your lasting id of the configured activity, 1 to 100 characters. Reading positions, attempts and parked records are kept
   * under it; without it nothing is remembered between runs, and `take: new` is refused.
   */
  readonly activity?: string;
}

/** A run of Send Email. */
export interface SendRun extends Configured {
  readonly requests: Iterable<unknown> | AsyncIterable<unknown>;
  /**
   * Your lasting id of the configured activity, 1 to 100 characters. What was sent under an idempotency key is remembered
   * under it; without it such a request is refused.
   */
  readonly activity?: string;
}

/** Looks into Read Email, and what an operator sets right. Every method throws Failure. */
export interface ReadingControl {
  /** What the server is asked and what is judged here, and why. Needs no connection. */
  explain(input: { readonly config: unknown; readonly request?: unknown }): ReadingPlan;
  /** What a run would deliver and do; changes and remembers nothing. */
  preview(input: Reading, options?: CallOptions): Promise<ReadPreview>;
  positions(input: { readonly activity: string }): Promise<ReadingPosition[]>;
  /** Where the next run starts; forgets what the activity did before, so that messages behind it come again. */
  setPosition(
    input: Configured & { readonly activity: string; readonly start: StartAt },
    options?: CallOptions,
  ): Promise<void>;
  parked(input: { readonly activity: string }): Promise<ParkedRecord[]>;
  /** Takes parked records (all, or those of the given content keys) into the next run. @returns how many */
  replay(input: { readonly activity: string; readonly contentKeys?: readonly string[] }): Promise<number>;
  /** Lets the messages that were done last come again. @returns how many */
  repeatLast(input: { readonly activity: string; readonly count: number }): Promise<number>;
}

/** Looks into Send Email. Every method throws Failure. */
export interface SendingControl {
  /** Judges and builds each message as it would leave; sends and remembers nothing. */
  preview(input: SendRun, options?: CallOptions): AsyncGenerator<SendPreview>;
  /**
   * Takes reports that came back, as records of Read Email, to the messages that the activity sent under a key. The answer to such a
   * record, when it is given again, says so. @returns one entry per recipient that a report of ours names
   */
  takeReports(input: {
    readonly activity: string;
    readonly records: readonly Pick<EmailRecord, 'contentKey' | 'receivedAt' | 'report'>[];
  }): Promise<SentReport[]>;
  /** When a run would end, under the limits of Microsoft 365 and what was sent before; sends and remembers nothing. */
  estimate(input: SendRun, options?: CallOptions): Promise<SendEstimate>;
}

/** One connector, shared by any number of activities: it holds the tokens. */
export interface Connector {
  readonly manifest: Manifest;
  /** Languages that texts exist in, the default one first. */
  readonly languages: readonly string[];

  /** Everything a host needs to show an activity. @throws Failure input-invalid for an unknown id */
  describe(activityId: string, language?: string): ActivityDescription;

  /** A failure as a person reads it. Give `FailureReport` or anything caught. */
  explain(failure: unknown, language?: string): ReadableFailure;

  /** Tests a connection stage by stage; each check is yielded as it finishes. Sends, changes and marks nothing. */
  check(
    input: {
      readonly connection: unknown;
      readonly activities?: readonly { readonly id: string; readonly config: unknown }[];
      /** Test these mailboxes one after the other, instead of the connection's or the activities' own. */
      readonly mailboxes?: readonly string[];
      /** When somebody changed something at Microsoft, ISO 8601: a failure that may only need time says so. */
      readonly changedAt?: string;
    },
    options?: CallOptions,
  ): AsyncGenerator<Check>;
  /** What of the connection ends when: secret, certificate, idle sign-in; empty when it cannot be known. @throws Failure */
  expiries(input: { readonly connection: unknown }): Promise<ExpiryNotice[]>;

  /**
   * First half of a browser sign-in (authorization code with PKCE): where to send the user's browser. The `attempt`
   * belongs into that browser's own session (a cookie), and from there into completeSignIn(). @throws Failure
   */
  beginSignIn(input: {
    readonly connection: unknown;
    readonly redirectUri: string;
    /** What the user is asked to consent to follows from these; default: reading over IMAP, sending over SMTP. */
    readonly activities?: readonly { readonly id: string; readonly config: unknown }[] | undefined;
  }): Promise<SignInStart>;
  /**
   * Second half: the query parameters that the browser brought to the redirect URI. The answer's `session` belongs
   * into `authentication.session` of the connection. @throws Failure; nothing is stored then
   */
  completeSignIn(input: {
    readonly attempt: string;
    readonly parameters: Readonly<Record<string, string>>;
  }): Promise<CompletedSignIn>;
  /**
   * Sign-in with a code on another device. For methods that keep no sign-in it only proves that the app registration
   * works. @throws Failure
   */
  signInByDeviceCode(
    input: {
      readonly connection: unknown;
      /** False: only verify, whatever the method. Default true. */
      readonly keep?: boolean;
      /** As for beginSignIn(). Where they read over Graph too, a second code may follow: a code is for one service. */
      readonly activities?: readonly { readonly id: string; readonly config: unknown }[] | undefined;
    },
    options?: CallOptions,
  ): AsyncGenerator<DeviceSignInStep>;
  /** Who is signed in for the connection, if its method stores a sign-in. @throws Failure */
  signedIn(input: { readonly connection: unknown }): Promise<SignedIn | undefined>;
  /** Deletes the connection's stored sign-in and tokens; false when there was none. @throws Failure */
  disconnect(input: { readonly connection: unknown }): Promise<boolean>;

  /** Entries of a pick-list. @throws Failure */
  list(
    pickList: 'folders',
    input: {
      readonly connection: unknown;
      readonly config?: { readonly mailbox?: string; readonly transport?: string };
    },
    options?: CallOptions,
  ): Promise<Folder[]>;

  /** Runs Read Email: batches of records. Nothing in the mailbox changes until settle(). @throws Failure */
  run(activityId: 'read-email', input: Reading, options?: CallOptions): AsyncGenerator<ReadBatch>;
  /** Runs Send Email: one response per request, in order. @throws Failure when no session comes about */
  run(activityId: 'send-email', input: SendRun, options?: CallOptions): AsyncGenerator<SendEmailResponse>;

  /** Tells what became of the records of a batch; the after-read action runs for those that are done. @throws Failure */
  settle(
    activityId: 'read-email',
    input: Configured & { readonly token: string; readonly outcomes: readonly SettleOutcome[] },
    options?: CallOptions,
  ): Promise<Settled[]>;

  /** What Read Email would do, and what it remembers for an activity. */
  readonly reading: ReadingControl;
  /** What Send Email would do. */
  readonly sending: SendingControl;

  /** The bytes behind `content.ref` of an attachment. @throws Failure content-reference-invalid */
  openContent(ref: string, input: { readonly connection: unknown }, options?: CallOptions): Promise<Readable>;
}

const CONNECTION = 'schemas/connections/microsoft365.schema.json';
const OUTCOME = 'schemas/common/settle-outcome.schema.json';

/**
 * Opens the connector. Cheap: nothing is loaded or connected before the first call.
 * @throws Failure network-policy-invalid, naming the fields of `net`
 */
export function openConnector(options: ConnectorOptions = {}): Connector {
  const clock = options.clock ?? systemClock;
  const now = (): number => clock.now();
  const { state, vault } = options.store ?? { state: openMemoryState({ now }), vault: randomVault() };
  const store = new TokenStore(state, vault);
  const tokens = new TokenSource(store, now);
  const memory = openMemory(state, now);
  const ledger = new Ledger(state, clock);
  const { net = {}, assertionFolders, fileFolders, sendingLimits } = options;
  const storms = new Storms(state);
  const files = new SendableFiles(options.sendFileFolders);
  const budget = new SendingBudget(state, clock, knownLimits(sendingLimits));
  assertPolicy(net);

  const activity = (id: string): ManifestActivity => {
    const found = loadManifest().activities.find((one) => one.id === id);
    if (found === undefined) {
      const allowed = loadManifest()
        .activities.map((one) => one.id)
        .join(', ');
      throw new Failure('input-invalid', {
        problems: [
          { pointer: '', label: 'common.fields.activity.label', rule: 'choice', parameters: { allowed } },
        ],
      });
    }
    return found;
  };
  const settingsOf = async (connection: unknown): Promise<Microsoft365Connection> => {
    const resolved = await resolveSecrets(connection, options.secrets);
    const settings = validated<Microsoft365Connection>(
      CONNECTION,
      resolved,
      'connections.microsoft365',
      'settings-invalid',
    );
    assertTenantFits(settings);
    return settings;
  };
  const accessFor = (settings: Microsoft365Connection): Promise<Access> =>
    createAccess({ settings, net, tokens, store, now, assertionFolders });
  const access = async (connection: unknown, { onResume }: CallOptions = {}): Promise<Access> => {
    const reached = await accessFor(await settingsOf(connection));
    if (onResume === undefined) return reached;
    return {
      ...reached,
      onResume: (failure, waitedMs) => onResume({ failure: failure.toJSON(), waitedMs }),
    };
  };
  const configOf = <T>(id: string, config: unknown): T =>
    validated(activity(id).config.schema, config, `${activity(id).messages}.config`, 'settings-invalid');
  const requestOf = <T>(id: string, request: unknown): T =>
    validated(activity(id).request.schema, request, `${activity(id).messages}.request`, 'input-invalid');
  /** What leaves must be what the schema promises; anything else is our mistake, found here and not at the consumer. */
  const promised = (id: string, record: unknown): void => {
    const problems = problemsOf(activity(id).response.schema, record, `${activity(id).messages}.response`);
    if (problems.length > 0)
      throw new Failure('internal-error', { problems, serverText: `${id} broke its response schema` });
  };

  const readContext = async (input: Reading, options: CallOptions): Promise<ReadContext> => ({
    config: configOf<ReadEmailConfig>('read-email', input.config),
    request: requestOf<ReadEmailRequest>('read-email', input.request ?? {}),
    activity: input.activity === undefined ? undefined : activityId(input.activity),
    access: await access(input.connection, options),
    memory,
    fileFolders,
    verify: (record) => promised('read-email', record),
    signal: options.signal,
  });

  async function* runRead(input: Reading, options: CallOptions): AsyncGenerator<ReadBatch> {
    for await (const batch of readEmail(await readContext(input, options))) {
      yield batch;
    }
  }

  async function sendContext(input: SendRun, { signal, onWait }: CallOptions): Promise<SendContext> {
    const reached = await access(input.connection);
    const config = configOf<SendEmailConfig>('send-email', input.config);
    return {
      access: reached,
      config,
      templates: await Templates.open(config),
      validate: (request: unknown) => requestOf<SendEmailRequest>('send-email', request),
      openContent: (content, inner) =>
        'file' in content ? files.open(content.file, inner) : openAttachment(reached, content.ref, inner),
      files,
      activity: input.activity === undefined ? undefined : activityId(input.activity),
      ledger,
      budget,
      storms,
      clock,
      onWait,
      signal,
    };
  }

  async function* runSend(input: SendRun, options: CallOptions): AsyncGenerator<SendEmailResponse> {
    for await (const response of sendEmail(await sendContext(input, options), input.requests)) {
      promised('send-email', response);
      yield response;
    }
  }

  async function* check(
    input: Parameters<Connector['check']>[0],
    signal?: AbortSignal,
  ): AsyncGenerator<Check> {
    let reached: Access | undefined;
    let plan: CheckPlan = { reading: [], sending: [] };
    const settings = await runStage({
      stage: 'settings',
      needs: [],
      work: async () => {
        reached = await access(input.connection);
        plan = planOf(reached, input.activities, input.mailboxes);
        for (const { id, config } of input.activities ?? [])
          if (activity(id).polarity === 'target') await Templates.open(configOf<SendEmailConfig>(id, config));
        return { evidence: { tenant: reached.settings.tenant, mailbox: reached.settings.mailbox } };
      },
    });
    yield settings;
    if (reached === undefined || settings.status !== 'passed') return;
    const changedAt = input.changedAt === undefined ? undefined : Date.parse(input.changedAt);
    const settling = await Settling.of(reached.settings, state, now, changedAt);
    for await (const one of checkAccess(reached, plan, signal)) yield settling.judge(one);
    await settling.remember();
  }

  /** Without activities the connection is tested for all of them, reading the inbox. */
  const planOf = (
    { settings }: Access,
    activities: readonly { readonly id: string; readonly config: unknown }[] = [
      { id: 'read-email', config: { folder: 'INBOX' } },
      { id: 'send-email', config: {} },
    ],
    mailboxes?: readonly string[],
  ): CheckPlan => {
    const plan: { reading: ReadingTarget[]; sending: SendingTarget[] } = { reading: [], sending: [] };
    assertActivities(activities);
    // Judged by the schema like a form's field: a list may come from anywhere.
    const listed = (mailboxes ?? []).map((one: unknown) => {
      const { mailbox = '' } = configOf<SendEmailConfig>('send-email', { mailbox: one ?? '' });
      return mailbox;
    });
    const each = (own: string | undefined): readonly string[] =>
      listed.length === 0 ? [own ?? settings.mailbox] : [...new Set(listed)];
    for (const { id, config } of activities) {
      if (activity(id).polarity === 'source') {
        const settled = configOf<ReadEmailConfig>(id, config);
        assertReadable(settled);
        const { mailbox, folder, afterRead = 'none', afterReadFolder } = settled;
        const target = { transport: transportOf(settled), folder, changes: afterRead !== 'none' };
        const into =
          afterReadFolder === undefined || settled.createFolder === true ? {} : { into: afterReadFolder };
        plan.reading.push(...each(mailbox).map((one) => ({ mailbox: one, ...target, ...into })));
      } else {
        const { mailbox, transport = 'smtp', from } = configOf<SendEmailConfig>(id, config);
        const author = from?.address.toLowerCase();
        plan.sending.push(
          ...each(mailbox).map((one) => {
            const asAnother = author !== undefined && author !== one.toLowerCase();
            return { mailbox: one, transport, asAnother };
          }),
        );
      }
    }
    return plan;
  };

  const run = (id: string, input: never, options: CallOptions = {}): AsyncGenerator<never> =>
    (activity(id).polarity === 'source'
      ? runRead(input, options)
      : runSend(input, options)) as AsyncGenerator<never>;

  return {
    get manifest() {
      return loadManifest();
    },
    get languages() {
      return languages();
    },
    describe(id, language = '') {
      const manifest = activity(id);
      const texts = textsIn(language);
      const form = (path: string | undefined): FormLayer | undefined =>
        path === undefined ? undefined : loadFormLayer(path);
      return {
        manifest,
        name: texts.text(`${manifest.messages}.name`),
        description: texts.text(`${manifest.messages}.description`),
        config: resolveSchema(manifest.config.schema),
        request: resolveSchema(manifest.request.schema),
        response: resolveSchema(manifest.response.schema),
        forms: { config: form(manifest.config.ui), request: form(manifest.request.ui) },
        sample: loadSample(manifest.sample),
      };
    },
    explain(failure, language = '') {
      return renderFailure(isReport(failure) ? failure : asFailure(failure).toJSON(), textsIn(language));
    },
    check: (input, { signal } = {}) => check(input, signal),
    async expiries({ connection }) {
      const ends = await expiriesOf(await access(connection));
      return ends.map((one) => {
        const warning = expiryWarning(one);
        return warning === undefined ? one : { ...one, warning: warning.toJSON() };
      });
    },
    async beginSignIn({ connection, redirectUri, activities }) {
      const reached = await access(connection);
      return beginSignIn(reached, redirectUri, usesOf(planOf(reached, activities)));
    },
    completeSignIn: ({ attempt, parameters }) => completeSignIn(attempt, parameters, store, accessFor),
    async *signInByDeviceCode({ connection, keep = true, activities }, { signal } = {}) {
      const reached = await access(connection);
      yield* signInByDeviceCode(reached, usesOf(planOf(reached, activities)), keep, signal);
    },
    async signedIn({ connection }) {
      return signedInFor(await access(connection));
    },
    async disconnect({ connection }) {
      return disconnect(await access(connection));
    },
    async list(_pickList, { connection, config }, options = {}) {
      const { signal } = options;
      const reached = await access(connection, options);
      const settled = configOf<ReadEmailConfig>('read-email', { folder: 'INBOX', ...config });
      const mailbox = settled.mailbox ?? reached.settings.mailbox;
      const session = openReading(reached, mailbox, transportOf(settled), signal);
      try {
        return await session.folders();
      } finally {
        await session.close();
      }
    },
    run: run as Connector['run'],
    async settle(id, { connection, config, token, outcomes }, options = {}) {
      const list: unknown = outcomes;
      if (!Array.isArray(list))
        throw new Failure('input-invalid', {
          problems: [
            {
              pointer: '',
              label: 'common.fields.outcome.label',
              rule: 'type',
              parameters: { type: 'array' },
            },
          ],
        });
      const judged = outcomes.map((one) => validated<SettleOutcome>(OUTCOME, one, 'common', 'input-invalid'));
      configOf(id, config);
      return settleEmail(await access(connection, options), memory, token, judged, options.signal);
    },
    reading: {
      explain: ({ config, request = {} }) =>
        explainReading(
          configOf<ReadEmailConfig>('read-email', config),
          requestOf<ReadEmailRequest>('read-email', request),
        ),
      preview: async (input, options = {}) => previewReading(await readContext(input, options)),
      positions: ({ activity: id }) => positionsOf(memory, activityId(id)),
      async setPosition({ connection, config, activity: id, start }, options = {}) {
        const settled = configOf<ReadEmailConfig>('read-email', config);
        await setPosition(
          await access(connection, options),
          memory,
          activityId(id),
          settled,
          assertStart(start),
          options.signal,
        );
      },
      parked: ({ activity: id }) => parkedOf(memory, activityId(id)),
      replay: ({ activity: id, contentKeys }) => memory.handled.replay(activityId(id), contentKeys),
      repeatLast: ({ activity: id, count }) => memory.handled.repeatLast(activityId(id), count),
    },
    sending: {
      async *preview(input, options = {}) {
        yield* previewSending(await sendContext(input, options), input.requests);
      },
      takeReports: ({ activity: id, records }) =>
        takeReports(
          ledger,
          activityId(id),
          records.flatMap((record) =>
            record.report === undefined ? [] : [{ ...record, report: record.report }],
          ),
        ),
      async estimate(input, options = {}) {
        return estimateSending(await sendContext(input, options), input.requests);
      },
    },
    async openContent(ref, { connection }, options = {}) {
      return openAttachment(await access(connection, options), ref, options.signal);
    },
  };
}

function refuse(
  pointer: string,
  field: string,
  rule: string,
  parameters?: Record<string, string | number>,
): never {
  const label = `common.fields.${field}.label`;
  throw new Failure('input-invalid', {
    problems: [{ pointer, label, rule, ...(parameters === undefined ? {} : { parameters }) }],
  });
}

/** @throws Failure input-invalid */
function activityId(id: unknown): string {
  if (typeof id !== 'string') return refuse('/activity', 'activity', 'type', { type: 'string' });
  if (id === '') return refuse('/activity', 'activity', 'empty');
  return id.length > 100 ? refuse('/activity', 'activity', 'too-long', { limit: 100 }) : id;
}

/** @throws Failure input-invalid */
function assertStart(start: StartAt): StartAt {
  if (start.at === 'date' && Number.isNaN(Date.parse(start.date)))
    return refuse('/start/date', 'value', 'format', { format: 'date-time' });
  return start;
}

/** A test of nothing must not pass, and a list may come from a file. @throws Failure input-invalid */
function assertActivities(activities: unknown): void {
  const refuse = (pointer: string, rule: string, parameters?: Record<string, string | number>): never => {
    const label = 'common.fields.activity.label';
    throw new Failure('input-invalid', {
      problems: [{ pointer, label, rule, ...(parameters === undefined ? {} : { parameters }) }],
    });
  };
  if (!Array.isArray(activities)) return refuse('/activities', 'type', { type: 'array' });
  if (activities.length === 0) refuse('/activities', 'too-few', { limit: 1 });
  activities.forEach((one: unknown, index) => {
    const pointer = `/activities/${String(index)}`;
    if (typeof one !== 'object' || one === null) refuse(pointer, 'type', { type: 'object' });
    else if (!('id' in one)) refuse(`${pointer}/id`, 'required');
  });
}

function isReport(value: unknown): value is FailureReport {
  return (
    typeof value === 'object' &&
    value !== null &&
    !(value instanceof Error) &&
    'code' in value &&
    'actor' in value
  );
}

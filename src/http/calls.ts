/**
 * POST routes: one per public call of the connector. Owns: reading a request's body and passing it on.
 * Must not: validate settings (openConnector does), keep them, or log them.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import {
  adminConsentLinks,
  openingsOf,
  planSetup,
  renderAppManifest,
  renderAzureCli,
  renderHandover,
  renderHandoverMarkdown,
  renderPowerShell,
  userConsentUrl,
  type SetupSettings,
  type Transport,
} from '../admin/index.js';
import { Failure } from '../errors/index.js';
import type { FieldProblem, SettleOutcome } from '../generated/types.js';
import type { Connector } from '../index.js';
import { problemsOf, textsIn } from '../manifest/index.js';
import { failureAnswer, sendFailure, sendLines } from './answers.js';
import { listForms } from './forms.js';

type Fields = Readonly<Record<string, unknown>>;

interface Call {
  readonly body: Fields;
  readonly name: string;
  readonly signal: AbortSignal;
  readonly language: string;
}

function choiceFailure(allowed: readonly string[]): Failure {
  const parameters = { allowed: allowed.join(', ') };
  return new Failure('input-invalid', {
    problems: [{ pointer: '', label: 'common.fields.value.label', rule: 'choice', parameters }],
  });
}

interface Activity {
  readonly id: string;
  readonly config: unknown;
}

/** As much of an activity's settings as decides whose rights an administrator has to grant. */
interface Senders {
  readonly mailbox?: string;
  readonly from?: { readonly address?: string };
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function listOf<T>(value: unknown, name: string): T[] {
  if (Array.isArray(value)) return value as T[];
  throw new Failure('input-invalid', {
    problems: [
      {
        pointer: `/${name}`,
        label: 'common.fields.value.label',
        rule: value === undefined ? 'required' : 'type',
        parameters: { type: 'array' },
      },
    ],
  });
}

/**
 * What of a connection the setup kit needs, and no more: whatever is secret stays behind here.
 * @throws Failure settings-invalid naming each field that the kit cannot do without
 */
function setupSettings(connection: unknown, messages: string, redirectUris: unknown): SetupSettings {
  const fields = isFields(connection) ? connection : {};
  const authentication = isFields(fields['authentication']) ? fields['authentication'] : {};
  const needed = { '/tenant': fields['tenant'], '/mailbox': fields['mailbox'] };
  const problems = Object.entries({ ...needed, '/authentication/method': authentication['method'] })
    .filter(([, value]) => value === undefined)
    .map(([pointer]): FieldProblem => {
      return { pointer, label: `${messages}${pointer.replaceAll('/', '.')}.label`, rule: 'required' };
    });
  if (problems.length > 0) throw new Failure('settings-invalid', { problems });
  // What is no text becomes one that planSetup() refuses: it judges every value.
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  const given = (from: Fields, name: string): object =>
    from[name] === undefined ? {} : { [name]: text(from[name]) };
  const list = (value: unknown, name: string): object =>
    value === undefined ? {} : { [name]: listOf<string>(value, name) };
  return {
    tenant: text(fields['tenant']),
    mailbox: text(fields['mailbox']),
    ...given(fields, 'cloud'),
    ...list(fields['allowedMailboxes'], 'allowedMailboxes'),
    ...list(redirectUris, 'redirectUris'),
    authentication: {
      method: text(authentication['method']),
      ...given(authentication, 'clientId'),
      ...given(authentication, 'account'),
      ...given(authentication, 'userName'),
      // Only whether there is one counts.
      ...(authentication['clientSecret'] === undefined ? {} : { clientSecret: true }),
    },
  };
}

/** Registers the calls. `stopping` aborts every call that still runs when the server stops. */
export function registerCalls(server: FastifyInstance, connector: Connector, stopping: AbortSignal): void {
  const post = (path: string, answer: (call: Call, reply: FastifyReply) => Promise<void>): void => {
    server.post(path, async (request: FastifyRequest, reply: FastifyReply) => {
      const gone = new AbortController();
      // Closed before the answer was complete: the reader has left, so the work ends too.
      reply.raw.once('close', () => {
        if (!reply.raw.writableFinished) gone.abort();
      });
      const { body } = request;
      const { name = '' } = request.params as { name?: string };
      const { lang } = request.query as { lang?: unknown };
      const language = typeof lang === 'string' ? lang : '';
      const fields = typeof body === 'object' && body !== null ? (body as Fields) : {};
      const signal = AbortSignal.any([gone.signal, stopping]);
      try {
        await answer({ body: fields, name, signal, language }, reply);
      } catch (error) {
        await sendFailure(reply, failureAnswer(connector, error, language));
      }
      return reply;
    });
  };
  const stream =
    (items: (call: Call) => AsyncGenerator<object>) =>
    (call: Call, reply: FastifyReply): Promise<void> =>
      sendLines(reply, items(call), (error) => failureAnswer(connector, error, call.language));

  post(
    '/api/check',
    stream(async function* ({ body, signal, language }) {
      const { connection, changedAt } = body;
      const input = {
        connection,
        ...(body['activities'] === undefined
          ? {}
          : { activities: listOf<Activity>(body['activities'], 'activities') }),
        ...(body['mailboxes'] === undefined
          ? {}
          : { mailboxes: listOf<string>(body['mailboxes'], 'mailboxes') }),
        ...(typeof changedAt === 'string' ? { changedAt } : {}),
      };
      for await (const check of connector.check(input, { signal })) {
        yield check.failure === undefined
          ? { check }
          : { check, text: connector.explain(check.failure, language) };
      }
    }),
  );

  post('/api/list/:name', async ({ body, name, signal }, reply) => {
    const ids = connector.manifest.pickLists.map(({ id }) => id);
    const pickList = ids.find((id) => id === name);
    if (pickList === undefined) throw choiceFailure(ids);
    const config = body['config'] as { mailbox?: string } | undefined;
    const input = { connection: body['connection'], ...(config === undefined ? {} : { config }) };
    await reply.send({ items: await connector.list(pickList as 'folders', input, { signal }) });
  });

  post(
    '/api/sign-in/device',
    stream(({ body, signal }) =>
      connector.signInByDeviceCode(
        { connection: body['connection'], keep: body['keep'] !== false },
        { signal },
      ),
    ),
  );
  post('/api/sign-in/status', async ({ body }, reply) => {
    const { connection } = body;
    await reply.send({
      signedIn: (await connector.signedIn({ connection })) ?? null,
      expiries: await connector.expiries({ connection }),
    });
  });
  post('/api/sign-in/disconnect', async ({ body }, reply) => {
    await reply.send({ disconnected: await connector.disconnect({ connection: body['connection'] }) });
  });

  post('/api/setup', async ({ body, language: asked }, reply) => {
    const { connection, only, redirectUris } = body;
    const activities =
      body['activities'] === undefined ? [] : listOf<Activity>(body['activities'], 'activities');
    const language = typeof body['language'] === 'string' ? body['language'] : asked;
    const { connectionTypes, activities: known } = connector.manifest;
    const settings = setupSettings(connection, connectionTypes[0].messages, redirectUris);
    const ids = activities.map(({ id }) => id);
    const used = known.filter(({ id }) => ids.length === 0 || ids.includes(id));
    const senders = activities.map(({ config }) => (isFields(config) ? (config as Senders) : {}));
    const texts = textsIn(language);
    const plan = planSetup({
      settings,
      transports: [...new Set(used.flatMap(({ transports }) => transports as Transport[]))],
      mailboxes: [
        settings.mailbox,
        ...(settings.allowedMailboxes ?? []),
        ...senders.flatMap(({ mailbox }) => mailbox ?? []),
      ],
      sendAs: senders.flatMap(({ mailbox, from }) =>
        from?.address === undefined ? [] : [{ mailbox: mailbox ?? settings.mailbox, as: from.address }],
      ),
      language: texts.language,
      ...(only === undefined ? {} : { only: listOf<string>(only, 'only') }),
    });
    const user = userConsentUrl(plan);
    const links = [
      ...adminConsentLinks(plan),
      ...(user === undefined ? [] : [{ messages: 'setup.links.user', url: user }]),
    ];
    await reply.header('Cache-Control', 'no-store').send({
      // Only what this client shows: the commands of each step are in the scripts.
      steps: plan.steps.map(({ id, title, why, role, parameters, waitMinutes }) => ({
        id,
        title: texts.text(title, parameters),
        why: texts.text(why, parameters),
        role: texts.text(`setup.roles.${role}`),
        waitMinutes,
      })),
      powershell: renderPowerShell(plan, 'setup'),
      undo: renderPowerShell(plan, 'undo'),
      azureCli: renderAzureCli(plan, 'setup'),
      appManifest: renderAppManifest(plan),
      handover: renderHandover(plan, texts.language),
      markdown: renderHandoverMarkdown(plan, texts.language),
      consentUrls: links.map(({ messages, url }) => ({ text: texts.text(messages), url })),
      openings: openingsOf(settings, plan.transports).map(({ purpose, from, ...opening }) => ({
        ...opening,
        from: texts.text(`setup.from.${from}`),
        purpose: texts.text(purpose),
      })),
    });
  });

  const readLines = async function* ({ body, signal }: Call): AsyncGenerator<object> {
    const { connection, config, request } = body;
    for await (const { records, token } of connector.run(
      'read-email',
      { connection, config, request },
      { signal },
    )) {
      for (const record of records) yield { record };
      yield { batch: { token, records: records.length } };
      if (body['settle'] === true && records.length > 0) {
        const outcomes = records.map(({ key }) => ({ key, outcome: 'done' as const }));
        const settled = await connector.settle(
          'read-email',
          { connection, config, token, outcomes },
          { signal },
        );
        for (const one of settled) yield { settled: one };
      }
    }
  };
  const sendingLines = async function* ({ body, signal, language }: Call): AsyncGenerator<object> {
    const { connection, config } = body;
    const requests = listOf<unknown>(body['requests'], 'requests');
    for await (const response of connector.run('send-email', { connection, config, requests }, { signal })) {
      const text =
        response.failure === undefined ? {} : { text: connector.explain(response.failure, language) };
      yield { response, ...text };
    }
  };
  post(
    '/api/run/:name',
    stream((call) => {
      const activity = connector.manifest.activities.find(({ id }) => id === call.name);
      if (activity === undefined) throw choiceFailure(connector.manifest.activities.map(({ id }) => id));
      return activity.polarity === 'source' ? readLines(call) : sendingLines(call);
    }),
  );

  post('/api/settle/read-email', async ({ body, signal }, reply) => {
    const { connection, config, token } = body;
    const outcomes = listOf<SettleOutcome>(body['outcomes'], 'outcomes');
    const input = { connection, config, token: String(token), outcomes };
    await reply.send({ settled: await connector.settle('read-email', input, { signal }) });
  });

  post('/api/validate/:name', async ({ body, name, language }, reply) => {
    const form = listForms().find(({ id }) => id === name);
    if (form === undefined) throw choiceFailure(listForms().map(({ id }) => id));
    const problems = problemsOf(form.file, structuredClone(body['value']), form.layer.messages);
    const failure = new Failure('settings-invalid', { problems });
    const lines = connector.explain(failure, language).problems;
    await reply.send({
      problems: problems.map((problem, index) => ({ ...problem, text: lines[index] ?? '' })),
    });
  });
}

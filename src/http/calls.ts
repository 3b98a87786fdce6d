/**
 * POST routes: one per public call of the connector. Owns: reading a request's body and passing it on.
 * Must not: validate settings (openConnector does), keep them, or log them.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Failure } from '../errors/index.js';
import type { SettleOutcome } from '../generated/types.js';
import { browserUrl, type Connector, type Reading, type Resumed } from '../index.js';
import { problemsOf } from '../manifest/index.js';
import { failureAnswer, sendFailure, sendLines } from './answers.js';
import { listOf, type Fields } from './body.js';
import { listForms } from './forms.js';
import { setupKit } from './setup-kit.js';

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

/** A run of Read Email as a body describes it. */
function readingOf({ connection, config, request, activity }: Fields): Reading {
  return { connection, config, request, ...(activity === undefined ? {} : { activity: activity as string }) };
}

/** Registers the calls. `stopping` aborts every call that still runs when the server stops. */
export function registerCalls(
  server: FastifyInstance,
  connector: Connector,
  stopping: AbortSignal,
  browserHosts: Readonly<Record<string, string>> = {},
): void {
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
    stream(async function* ({ body, signal }) {
      const activities = body['activities'] as [] | undefined;
      const input = { connection: body['connection'], keep: body['keep'] !== false, activities };
      for await (const step of connector.signInByDeviceCode(input, { signal })) {
        yield step.step === 'code'
          ? { ...step, verificationUri: browserUrl({ hosts: browserHosts }, step.verificationUri) }
          : step;
      }
    }),
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

  post('/api/setup', async ({ body, language }, reply) => {
    await reply.header('Cache-Control', 'no-store').send(setupKit(connector, body, language));
  });

  const readLines = async function* ({ body, signal }: Call): AsyncGenerator<object> {
    const { connection, config } = body;
    const resumed: Resumed[] = [];
    const calling = { signal, onResume: (one: Resumed) => void resumed.push(one) };
    for await (const { records, token, unreadable } of connector.run(
      'read-email',
      readingOf(body),
      calling,
    )) {
      for (const one of resumed.splice(0)) yield { resumed: one };
      for (const record of records) yield { record };
      yield { batch: { token, records: records.length, unreadable } };
      if (body['settle'] === true) {
        const outcomes = records.map(({ key }) => ({ key, outcome: 'done' as const }));
        const settled = await connector.settle(
          'read-email',
          { connection, config, token, outcomes },
          calling,
        );
        for (const one of settled) yield { settled: one };
      }
    }
    for (const one of resumed) yield { resumed: one };
  };
  post('/api/preview/read-email', async ({ body, signal }, reply) => {
    await reply.send(await connector.reading.preview(readingOf(body), { signal }));
  });
  const sendingLines = async function* ({ body, signal, language }: Call): AsyncGenerator<object> {
    const { connection, config, activity } = readingOf(body);
    const named = activity === undefined ? {} : { activity };
    const requests = listOf<unknown>(body['requests'], 'requests');
    const sending = { connection, config, requests, ...named };
    for await (const response of connector.run('send-email', sending, { signal })) {
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

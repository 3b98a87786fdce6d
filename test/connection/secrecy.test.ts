/**
 * Secrets and tokens never come out: not in failures, however they are printed, nor in what a test of the connection
 * shows, nor in explanations, transcripts, console or database. Every way to sign in is put into every trouble that can
 * be made quickly, among it servers that repeat what they were sent; what comes out is searched for every secret that
 * was configured or went over the wire. The search itself is tested beside.
 */
import { rm } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Connector } from '../../src/index.js';
import { DEMO } from '../../src/sandbox/index.js';
import { LOOKS_AT_CAUSES, renderings, type Finding } from '../support/canaries.js';
import type { Settings } from '../support/trial.js';
import { METHODS, throughBrowser, throughCode } from './secrecy/methods.js';
import { REPETITIONS, TROUBLES, type Trouble } from './secrecy/troubles.js';
import { atPeace, connectorFor, databaseBytes, openWorld, type World } from './secrecy/world.js';

const { bernd } = DEMO.people;

/** Does all that can be done with a connection; what comes out goes to `take`. Answers with how many failures came. */
async function exercise(
  connector: Connector,
  connection: Settings,
  take: (where: string, value: unknown) => void,
): Promise<number> {
  let failures = 0;
  const takeFailure = (where: string, failure: unknown): void => {
    failures += 1;
    take(where, failure);
    for (const language of ['en', 'de', 'es'])
      take(`${where} in ${language}`, connector.explain(failure, language));
  };
  const attempt = async (where: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      takeFailure(where, error);
    }
  };
  await attempt('check', async () => {
    for await (const check of connector.check({ connection })) {
      take(`check ${check.stage}`, check);
      if (check.failure !== undefined) takeFailure(`check ${check.stage}`, check.failure);
      // A warning carries one, too.
      if (check.failure !== undefined && check.status !== 'failed') failures -= 1;
    }
  });
  await attempt('read', async () => {
    const config = { folder: 'INBOX' };
    for await (const batch of connector.run('read-email', { connection, config })) take('read', batch);
  });
  await attempt('send', async () => {
    const requests = [{ to: [{ address: bernd.address }], subject: 'Hello', text: 'x' }];
    for await (const response of connector.run('send-email', {
      connection,
      config: { attempts: 1 },
      requests,
    })) {
      take('send', response);
      if (response.failure !== undefined) takeFailure('send', response.failure);
    }
  });
  await attempt('list', async () => take('list', await connector.list('folders', { connection })));
  await attempt('expiries', async () => take('expiries', await connector.expiries({ connection })));
  await attempt('signed in', async () => take('signed in', await connector.signedIn({ connection })));
  take('connector', connector);
  return failures;
}
const describeFinding = ({ secret, form, where, around }: Finding): string =>
  `${secret} as ${form}: ${where}: ${around}`;

describe.each(Object.entries(METHODS))('%s', (name, method) => {
  const original = { ...console };
  let world: World;
  let printed: string[];
  let connection: Settings;
  beforeAll(async () => {
    world = await openWorld();
    connection = await method(world);
    // Once in peace, so that there is a token to repeat.
    expect(await exercise(connectorFor(world, []), connection, () => undefined)).toBe(0);
  }, 30_000);
  beforeEach(async () => {
    await atPeace(world);
    printed = [];
    const note = (...words: unknown[]): void => {
      printed.push(words.map((word) => Object.values(renderings(word)).join('\n')).join(' '));
    };
    Object.assign(console, { log: note, info: note, warn: note, error: note, debug: note, trace: note });
  });
  afterEach(() => {
    Object.assign(console, original);
  });
  afterAll(async () => {
    await world.state.close();
    await world.wire.stop();
    await world.tenant.stop();
    await rm(world.folder, { recursive: true });
  });

  /** What comes out in a trouble, by what it was called. */
  async function leaksIn(trouble: Trouble): Promise<{ failures: number; findings: Finding[] }> {
    // By the text: much of it comes several times.
    const texts = new Map<string, string>();
    const take = (where: string, value: unknown): void => {
      for (const [form, text] of Object.entries(renderings(value))) {
        if (!texts.has(text)) texts.set(text, `${where} (${form})`);
      }
    };
    const { hosts, stop } = await trouble(world);
    const transcript: string[] = [];
    const connector = connectorFor(world, transcript, hosts);
    const failures = await exercise(connector, connection, take);
    if (name === 'sign-in' || name === 'device-code') {
      const connect = name === 'sign-in' ? throughBrowser : throughCode;
      await connect(world, connector, connection).catch((error: unknown) => {
        take('connect', error);
      });
    }
    await stop?.();
    expect(transcript.length).toBeGreaterThan(5);
    expect(world.canaries.names.length).toBeGreaterThan(1);
    texts.set(transcript.join('\n'), 'transcript').set(printed.join('\n'), 'console');
    const findings = [...texts].flatMap(([text, where]) => world.canaries.find(where, text));
    findings.push(...world.canaries.find('database', databaseBytes(world)));
    return { failures, findings };
  }

  test.each(Object.entries(TROUBLES))('keeps its secrets when trouble is: %s', async (trouble, begin) => {
    const { failures, findings } = await leaksIn(begin);
    expect(failures > 0).toBe(trouble !== 'none');
    expect(findings.map(describeFinding)).toEqual([]);
  });

  describe.each(Object.entries(REPETITIONS))('when %s', (_repetition, begin) => {
    test('what the product says holds no secret', async () => {
      const { failures, findings } = await leaksIn(begin);
      expect(failures).toBeGreaterThan(0);
      const own = findings.filter(({ where }) => !LOOKS_AT_CAUSES.test(where));
      expect(own.map(describeFinding)).toEqual([]);
    });

    test('the causes of a failure hold no secret, as Node prints them', async () => {
      const { findings } = await leaksIn(begin);
      const causes = findings.filter(({ where }) => LOOKS_AT_CAUSES.test(where));
      expect(causes.map(describeFinding)).toEqual([]);
    });
  });
});

/** `m365-email connect`, `verify` and `disconnect`: a user signs in for a connection, and out again. */
import type { Command } from 'commander';
import { asFailure, Failure } from '../../errors/index.js';
import { browserUrl } from '../../net/index.js';
import { noteSession } from '../connection-file.js';
import { openLoopback } from '../loopback.js';
import { openBrowser } from '../open-browser.js';
import {
  parsePort,
  readJsonFile,
  run,
  withCommonOptions,
  type CommonOptions,
  type Prepared,
} from '../options.js';
import { failureLines, styled } from '../terminal.js';

interface VerifyOptions extends CommonOptions {
  readonly activities?: string;
}

interface ConnectOptions extends VerifyOptions {
  readonly browser: boolean;
  readonly port: number;
}

const ACTIVITIES_HELP =
  'JSON list of {"id", "config"}: what to ask consent for; default: reading over IMAP, sending over SMTP';

function activitiesIn({ activities }: VerifyOptions): { id: string; config: unknown }[] | undefined {
  return activities === undefined
    ? undefined
    : (readJsonFile(activities) as { id: string; config: unknown }[]);
}

function methodOf(connection: unknown): string {
  return String((connection as { authentication?: { method?: unknown } }).authentication?.method);
}

async function connectInBrowser(
  { connector, connection, terminal, net, signal }: Prepared,
  { browser, port, ...options }: ConnectOptions,
): Promise<string> {
  const { texts } = terminal;
  const loopback = await openLoopback(port, texts.language);
  try {
    const { redirectUri } = loopback;
    const activities = activitiesIn(options);
    const started = await connector.beginSignIn({ connection, redirectUri, activities });
    const { url: address, attempt, expiresAt } = started;
    const url = browserUrl(net, address);
    terminal.progress(texts.text('cli.connect.open'));
    // On stdout, as it is what a person has to copy when no browser opens.
    terminal.say(url);
    terminal.emit({ url, redirectUri });
    if (browser) openBrowser(url);
    let session = '';
    let failure: unknown;
    const state = new URL(url).searchParams.get('state') ?? '';
    const inTime = AbortSignal.timeout(Math.max(1, expiresAt - Date.now()));
    await loopback.answer(
      state,
      async (parameters) => {
        try {
          const signedIn = await connector.completeSignIn({ attempt, parameters });
          ({ session } = signedIn);
          const who = { userName: signedIn.userName };
          terminal.say(`${styled('green', '✓')} ${texts.text('cli.connect.done', who)}`);
          terminal.emit({ signedIn: { ...signedIn, session: undefined } });
          return { title: texts.text('cli.connect.done', who), text: texts.text('cli.connect.close') };
        } catch (error) {
          failure = error;
          const [title = '', ...rest] = failureLines(asFailure(error).toJSON(), texts);
          return { title, text: rest.join(' ') };
        }
      },
      AbortSignal.any([signal, inTime]),
    );
    if (failure !== undefined) throw asFailure(failure);
    return session;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'TimeoutError') {
      throw new Failure('sign-in-attempt-unknown');
    }
    throw error;
  } finally {
    loopback.close();
  }
}

/** @returns the handle to note, or undefined when the method keeps none */
async function connectByCode(
  { connector, connection, terminal, net, signal }: Prepared,
  options: VerifyOptions,
  keep: boolean,
): Promise<string | undefined> {
  const { texts } = terminal;
  const activities = activitiesIn(options);
  for await (const step of connector.signInByDeviceCode({ connection, keep, activities }, { signal })) {
    switch (step.step) {
      case 'code': {
        const { userCode } = step;
        const verificationUri = browserUrl(net, step.verificationUri);
        terminal.say(texts.text('cli.connect.enterCode', { verificationUri, userCode }));
        terminal.emit({ userCode, verificationUri });
        break;
      }
      case 'signed-in': {
        const { session, ...signedIn } = step.signedIn;
        terminal.say(
          `${styled('green', '✓')} ${texts.text('cli.connect.done', { userName: signedIn.userName })}`,
        );
        terminal.emit({ signedIn });
        return session;
      }
      case 'verified': {
        const { userName } = step;
        terminal.say(`${styled('green', '✓')} ${texts.text('cli.connect.verified', { userName })}`);
        terminal.emit({ verified: { userName, tenantId: step.tenantId } });
      }
    }
  }
  return undefined;
}

export function addConnectCommands(program: Command): void {
  withCommonOptions(program.command('connect'))
    .description('Sign in as a user, for the methods sign-in and device-code; again to renew the sign-in.')
    .option('--activities <file>', ACTIVITIES_HELP)
    .option('--no-browser', 'only print the address, for a machine without a browser of its own')
    .option('--port <port>', 'port of the redirect on this machine; default: any free one', parsePort, 0)
    .action((options: ConnectOptions) =>
      run(options, async (prepared) => {
        const session =
          methodOf(prepared.connection) === 'sign-in'
            ? await connectInBrowser(prepared, options)
            : await connectByCode(prepared, options, true);
        if (session !== undefined) noteSession(options.connection, session);
      }),
    );

  withCommonOptions(program.command('verify'))
    .description('Prove that the app registration works: sign in with a device code, keep nothing.')
    .option('--activities <file>', ACTIVITIES_HELP)
    .action((options: VerifyOptions) =>
      run(options, async (prepared) => {
        await connectByCode(prepared, options, false);
      }),
    );

  withCommonOptions(program.command('disconnect'))
    .description('Delete the stored sign-in of the connection and its tokens.')
    .action((options: CommonOptions) =>
      run(options, async ({ connector, connection, terminal }) => {
        const disconnected = await connector.disconnect({ connection });
        noteSession(options.connection, undefined);
        terminal.say(terminal.texts.text(disconnected ? 'cli.disconnected' : 'cli.notConnected'));
        terminal.emit({ disconnected });
      }),
    );
}

/**
 * What is known about a message when the server behaves badly: a reply that was given counts, whatever happens to the
 * connection; a reply that was not given is never invented.
 */
import { afterEach, describe, expect, test } from '@jest/globals';
import {
  openSmtpSession,
  type OutgoingMarks,
  type Submission,
  type SubmissionSession,
} from '../../src/mail/index.js';
import { routeTo } from '../../src/net/index.js';
import { startScriptedSmtp, type Script, type ScriptedSmtp } from '../support/scripted-smtp.js';

let server: ScriptedSmtp | undefined;
let session: SubmissionSession | undefined;
afterEach(async () => {
  session?.close();
  await server?.stop();
});

const GOOD: Record<string, string> = {
  MAIL: '250 ok',
  DATA: '354 go',
  '.': '250 2.0.0 taken',
  RSET: '250 ok',
  QUIT: '221 bye',
};
const saying =
  (own: Record<string, string>): Script =>
  (command) =>
    own[command] ?? GOOD[command] ?? '250 ok';

async function open(script: Script, extensions?: readonly string[]): Promise<SubmissionSession> {
  server = await startScriptedSmtp(script, extensions);
  const route = routeTo(server.net, 'smtp.office365.com', 587);
  session = await openSmtpSession(route, 'dG9rZW4=', {
    host: 'smtp.office365.com',
    port: 587,
    mailbox: 'a@x.example',
    trustee: 'app',
  });
  return session;
}
const submit = (to = ['ben@x.example'], text = 'x\r\n', marks?: OutgoingMarks): Promise<Submission> =>
  session!.submit(
    { from: 'a@x.example', to },
    {
      messageId: '<1@x.example>',
      date: new Date(0),
      from: { address: 'a@x.example' },
      to: to.map((address) => ({ address })),
      cc: [],
      bcc: [],
      replyTo: [],
      subject: 'x',
      text,
      attachments: [],
      marks,
    },
  );

test('a sender refused together with the end of the connection is refused for good, not retryable', async () => {
  await open(
    saying({
      MAIL: '550 5.7.60 SMTP; Client does not have permissions to send as this sender',
      'RCPT ben@x.example': '421 4.3.2 closing',
    }),
  );
  expect(await submit()).toMatchObject({ outcome: 'rejected', failure: { code: 'sender-not-permitted' } });
});

test('a recipient’s own refusal stands when the message is deferred later', async () => {
  await open(saying({ 'RCPT bad@x.example': '550 5.1.1 no such user', '.': '451 4.7.0 later' }));
  const { outcome, recipients } = await submit(['bad@x.example', 'ben@x.example']);
  expect(outcome).toBe('deferred');
  expect(recipients.map((one) => [one.address, one.outcome, one.failure?.code])).toEqual([
    ['bad@x.example', 'rejected', 'recipient-refused'],
    ['ben@x.example', 'deferred', 'not-accepted-yet'],
  ]);
});

test('a recipient’s own refusal stands when the reply to the message is lost', async () => {
  await open(saying({ 'RCPT bad@x.example': '550 5.1.1 no such user', '.': 'close' }));
  const { outcome, recipients } = await submit(['bad@x.example', 'ben@x.example']);
  expect(outcome).toBe('unknown');
  expect(recipients.map((one) => one.outcome)).toEqual(['rejected', 'unknown']);
});

test('a refused DATA command is about the message, not about a recipient', async () => {
  await open(saying({ DATA: '554 5.6.0 no' }));
  expect(await submit()).toMatchObject({ outcome: 'rejected', failure: { code: 'message-refused' } });
});

test('a final reply may take longer than the idle time', async () => {
  await open(saying({ '.': 'silence' }));
  const pending = submit();
  const idleTimeoutMs = server!.net.idleTimeoutMs;
  const waited = new Promise((resolve) => setTimeout(() => resolve('still waiting'), 3 * idleTimeoutMs));
  expect(await Promise.race([pending, waited])).toBe('still waiting');
  session?.close();
  expect(await pending).toMatchObject({ outcome: 'unknown' });
});

test('after a refusal the same session takes the next message, after a reset', async () => {
  let first = true;
  await open((command) => {
    if (command === '.' && first) {
      first = false;
      return '554 5.6.0 no';
    }
    return saying({})(command);
  });
  expect((await submit()).outcome).toBe('rejected');
  expect((await submit()).outcome).toBe('accepted');
  expect(server?.commands.filter((line) => line === 'RSET')).toHaveLength(1);
});

test('a server that closes before the message is asked for leaves it deferred', async () => {
  await open(saying({ DATA: 'close' }));
  expect(await submit()).toMatchObject({ outcome: 'deferred', failure: { retryable: true } });
  expect(session?.usable).toBe(false);
});

test('many messages on one session leave no listener behind', async () => {
  const warnings: string[] = [];
  const note = (warning: Error): void => void warnings.push(warning.name);
  process.on('warning', note);
  await open(saying({}));
  for (let count = 0; count < 30; count += 1) expect((await submit()).outcome).toBe('accepted');
  process.off('warning', note);
  expect(warnings).not.toContain('MaxListenersExceededWarning');
});

describe('an address with letters beyond ASCII before the sign', () => {
  test('is not named to a server that does not offer SMTPUTF8: nothing is said, and the session serves the next', async () => {
    await open(saying({}));
    const refused = await submit(['ben@x.example', 'jörg@x.example']);
    expect(refused).toMatchObject({
      outcome: 'rejected',
      failure: {
        code: 'international-address-not-taken',
        facts: { parameters: { recipient: 'jörg@x.example', host: 'smtp.office365.com' } },
      },
      recipients: [{ outcome: 'rejected' }, { outcome: 'rejected' }],
    });
    expect(server!.commands).toEqual([]);
    expect(await submit()).toMatchObject({ outcome: 'accepted' });
  });

  test('goes to one that does, which is told of it', async () => {
    await open(saying({}), ['8BITMIME', 'SMTPUTF8']);
    expect(await submit(['jörg@x.example'])).toMatchObject({ outcome: 'accepted' });
    expect(server!.commands.slice(0, 2)).toEqual([
      'MAIL FROM:<a@x.example> SMTPUTF8',
      'RCPT TO:<jörg@x.example>',
    ]);
  });
});

describe('delivery receipts', () => {
  const marks = { automatic: true, deliveryReceipt: true };

  test('are asked for where the server offers them, for each recipient', async () => {
    await open(saying({}), ['DSN']);
    expect(await submit(['ben@x.example', 'cara@x.example'], 'x', marks)).toMatchObject({
      outcome: 'accepted',
      deliveryReceipt: 'asked',
    });
    expect(server!.commands.slice(0, 3)).toEqual([
      'MAIL FROM:<a@x.example> RET=HDRS ENVID=1',
      'RCPT TO:<ben@x.example> NOTIFY=SUCCESS,FAILURE,DELAY',
      'RCPT TO:<cara@x.example> NOTIFY=SUCCESS,FAILURE,DELAY',
    ]);
  });

  test('that the server does not offer are not asked for, and that is said', async () => {
    await open(saying({}));
    expect(await submit(['ben@x.example'], 'x', marks)).toMatchObject({
      outcome: 'accepted',
      deliveryReceipt: 'not-offered',
    });
    expect(server!.commands.slice(0, 2)).toEqual(['MAIL FROM:<a@x.example>', 'RCPT TO:<ben@x.example>']);
  });

  test('that nobody wants are not asked for', async () => {
    await open(saying({}), ['DSN']);
    expect(await submit()).not.toHaveProperty('deliveryReceipt');
    expect(server!.commands[1]).toBe('RCPT TO:<ben@x.example>');
  });
});

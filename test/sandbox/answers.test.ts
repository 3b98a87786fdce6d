// Answers that a test dictates appear on the wire, as often as was said, and then the tenant speaks for itself again.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { InteractionRequiredAuthError } from '@azure/msal-node';
import { once } from 'node:events';
import { connect } from 'node:tls';
import type { Sandbox } from '../../src/sandbox/index.js';
import { DEMO } from '../../src/sandbox/index.js';
import {
  address,
  ANNA,
  APP_GRANT,
  BERND,
  callLogin,
  ImapClient,
  OUTLOOK,
  requestToken,
  SmtpClient,
  Wire,
} from './support/clients.js';
import { confidentialClient } from './support/msal.js';
import { startQuickly } from './support/start.js';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startQuickly({ seed: false });
});
afterEach(() => sandbox.stop());

describe('the token endpoint', () => {
  test('answers with any number once, worded as the sandbox words it, with Retry-After', async () => {
    sandbox.answers.token({ aadsts: 90055, retryAfterSeconds: 7 });
    const { status, json } = await requestToken(sandbox, APP_GRANT);
    expect(status).toBe(429);
    expect(json).toMatchObject({ error_codes: [90055], correlation_id: expect.any(String) });
    expect(json.error_description).toMatch(
      /^AADSTS90055: .+\r\nTrace ID: [\da-f-]+\r\nCorrelation ID: [\da-f-]+\r\nTimestamp: [\d :Z-]+$/u,
    );
    expect((await requestToken(sandbox, APP_GRANT)).status).toBe(200);
  });

  test('takes every detail from the script, for as many requests as it says', async () => {
    sandbox.answers.token({
      aadsts: 123456,
      error: 'interaction_required',
      suberror: 'additional_action',
      text: 'Made up.',
      claims: '{"access_token":{}}',
      status: 401,
      times: 2,
    });
    for (let time = 0; time < 2; time++) {
      const { status, json } = await requestToken(sandbox, APP_GRANT);
      expect(status).toBe(401);
      expect(json).toMatchObject({
        error: 'interaction_required',
        suberror: 'additional_action',
        claims: '{"access_token":{}}',
        error_description: expect.stringMatching(/^AADSTS123456: Made up\./u),
      });
    }
    expect((await requestToken(sandbox, APP_GRANT)).status).toBe(200);
  });

  test('lets MSAL see a claims challenge', async () => {
    sandbox.answers.token({ aadsts: 50076 });
    const app = confidentialClient(sandbox, { ...DEMO.daemon });
    const refused = app.acquireTokenByClientCredential({ scopes: [`${OUTLOOK}/.default`] });
    await expect(refused).rejects.toBeInstanceOf(InteractionRequiredAuthError);
  });

  test('keeps answers for the device endpoint apart, and forgets what is cleared', async () => {
    sandbox.answers.token({ aadsts: 90033, on: 'devicecode' });
    expect((await requestToken(sandbox, APP_GRANT)).status).toBe(200);
    const form = { client_id: DEMO.signIn.clientId, scope: 'https://outlook.office.com/SMTP.Send' };
    const path = `/${sandbox.tenantId}/oauth2/v2.0/devicecode`;
    expect((await callLogin(sandbox, path, form)).json.error_codes).toEqual([90033]);
    sandbox.answers.token({ aadsts: 90033 });
    sandbox.answers.clear();
    expect((await requestToken(sandbox, APP_GRANT)).status).toBe(200);
  });
});

describe('IMAP', () => {
  test('says a tagged refusal, then goes on', async () => {
    sandbox.answers.imap({ on: 'select', reply: 'NO Server Unavailable. 15' });
    const imap = await ImapClient.open(sandbox);
    expect(await imap.run('SELECT INBOX')).toBe('T NO Server Unavailable. 15\r\n');
    expect(await imap.run('SELECT INBOX')).toContain('T OK');
    imap.close();
  });

  test('says lines without a tag, and hangs up', async () => {
    sandbox.answers.imap({
      on: 'fetch',
      reply: '* BYE Session invalidated - AccessTokenExpired',
      thenClose: true,
    });
    const imap = await ImapClient.open(sandbox, ANNA, 'INBOX');
    imap.write('A9 UID FETCH 1:* FLAGS\r\n');
    expect(await imap.untilClosed()).toBe('* BYE Session invalidated - AccessTokenExpired\r\n');
  });

  test('greets as told', async () => {
    sandbox.answers.imap({ on: 'greeting', reply: '* BYE Not today.', thenClose: true });
    const socket = connect({
      ...address(sandbox, 'outlook.office365.com:993'),
      servername: 'outlook.office365.com',
      ca: sandbox.ca,
    });
    const wire = new Wire(socket);
    await once(socket, 'secureConnect');
    expect(await wire.untilClosed()).toBe('* BYE Not today.\r\n');
  });
});

describe('SMTP', () => {
  test.each(['mail', 'rcpt', 'data', 'message'] as const)('answers %s as told', async (on) => {
    const reply = '451 4.7.0 Temporary server error. Please try again later. PRX2';
    sandbox.answers.smtp({ on, reply });
    const smtp = await SmtpClient.signedIn(sandbox);
    const steps = {
      mail: `MAIL FROM:<${ANNA}>`,
      rcpt: `RCPT TO:<${BERND}>`,
      data: 'DATA',
      message: 'Hi\r\n.',
    };
    for (const [step, line] of Object.entries(steps)) {
      const answer = await smtp.run(line);
      if (step === on) {
        expect(answer).toBe(`${reply}\r\n`);
        break;
      }
      expect(answer).toMatch(/^[23]/u);
    }
    smtp.close();
  });

  test('greets in several lines, and hangs up', async () => {
    sandbox.answers.smtp({ on: 'quit', reply: '421-4.4.2 Connection\n421 4.4.2 dropped', thenClose: true });
    const smtp = await SmtpClient.connect(sandbox);
    smtp.write('QUIT\r\n');
    expect(await smtp.untilClosed()).toBe('421-4.4.2 Connection\r\n421 4.4.2 dropped\r\n');
  });
});

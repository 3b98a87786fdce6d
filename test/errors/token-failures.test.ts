/** Each answer of the token endpoint becomes its failure, wherever MSAL puts the number. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { entraFailure } from '../../src/connection/grants/entra-failures.js';
import type { Authentication, GrantRequest } from '../../src/connection/grants/grant.js';
import type { ReplyEntry } from '../../src/generated/types.js';
import { languages, loadManifest, packagePath, renderFailure, textsIn } from '../../src/manifest/index.js';

const { replies: file } = loadManifest();
const replies = (JSON.parse(readFileSync(packagePath(file), 'utf8')) as ReplyEntry[]).filter(
  ({ from }) => from === 'token',
);
const numbered = replies.filter(({ id }) => id.startsWith('AADSTS'));
const worded = replies.filter(({ id }) => !id.startsWith('AADSTS'));
const METHODS = [
  'client-secret',
  'certificate',
  'federated-credential',
  'sign-in',
  'device-code',
  'password',
];

function request(method: string): GrantRequest {
  const authentication = {
    method,
    clientId: '11111111-2222-4333-8444-555555555555',
    ...(method === 'password' ? { userName: 'a@contoso.com', password: 'x' } : {}),
  };
  return {
    tenant: 'contoso.com',
    authentication: authentication as Authentication,
    scopes: [],
    cloud: { authorityHost: 'login.microsoftonline.com' } as GrantRequest['cloud'],
    net: {},
  };
}

const words = (number: string): string =>
  `invalid_grant: Error(s): ${number} - Timestamp: x - Description: AADSTS${number}: What happened. Trace ID: t`;

describe.each(METHODS)('%s', (method) => {
  const expected = ({ code, byMethod }: ReplyEntry): string => byMethod?.[method] ?? code;

  test('a number is found in errorNo, in errorCode and in the text', () => {
    for (const reply of numbered) {
      for (const error of [
        { errorNo: Number(reply.sign), errorCode: 'invalid_grant', errorMessage: 'x' },
        { errorCode: reply.sign },
        { errorCode: 'invalid_grant', subError: 'bad_token', message: words(reply.sign) },
      ]) {
        const failure = entraFailure(error, request(method), undefined).toJSON();
        expect([reply.id, failure.reply, failure.code]).toEqual([reply.id, reply.id, expected(reply)]);
        expect(failure.docs).toBe(`https://login.microsoftonline.com/error?code=${reply.sign}`);
      }
    }
  });

  test('an OAuth error or a code of MSAL is found without a number', () => {
    for (const reply of worded) {
      const [errorCode, subError] = reply.sign.split('/');
      const failure = entraFailure({ errorCode, subError, errorMessage: 'x' }, request(method), undefined);
      expect([reply.id, failure.toJSON().reply, failure.code]).toEqual([reply.id, reply.id, expected(reply)]);
      expect(failure.toJSON().docs).toBeUndefined();
    }
  });

  test.each(languages())('every text is complete in %s', (language) => {
    for (const { sign } of replies) {
      const [errorCode, subError] = sign.split('/');
      const failure = entraFailure({ errorCode, subError, errorMessage: 'x' }, request(method), undefined);
      expect(JSON.stringify(renderFailure(failure.toJSON(), textsIn(language)))).not.toMatch(/\{\w+\}/u);
    }
  });
});

describe('an answer that the catalogue lacks', () => {
  test('keeps number, words, correlation id and the page about the number', () => {
    const error = {
      errorNo: 123456,
      errorCode: 'invalid_grant',
      errorMessage: words('123456'),
      correlationId: 'c0ffee',
    };
    expect(entraFailure(error, request('password'), undefined).toJSON()).toMatchObject({
      code: 'token-refused',
      kind: 'auth',
      parameters: { number: '123456', userName: 'a@contoso.com' },
      docs: 'https://login.microsoftonline.com/error?code=123456',
      serverText: 'AADSTS123456: What happened.',
      correlationId: 'c0ffee',
    });
  });

  test.each([
    ['invalid_client', 'auth', 'app-credential-refused'],
    ['unauthorized_client', 'config', 'app-not-permitted'],
    ['invalid_request', 'protocol', 'request-malformed'],
    ['invalid_scope', 'config', 'scope-refused'],
    ['consent_required', 'permission', 'consent-missing'],
    ['temporarily_unavailable', 'transient', 'authority-unavailable'],
  ])('is judged by the OAuth error %s', (errorCode, kind, code) => {
    const error = { errorNo: 123456, errorCode, errorMessage: words('123456') };
    expect(entraFailure(error, request('sign-in'), undefined)).toMatchObject({ kind, code });
  });

  test.each([
    [{ status: 429 }, 'authority-throttled'],
    [{ status: 503 }, 'authority-unavailable'],
    [{ status: 400 }, 'token-refused'],
    ['not even an error', 'token-refused'],
  ])('is judged by the status otherwise: %j', (error, code) => {
    const failure = entraFailure(error, request('client-secret'), 2000).toJSON();
    expect(failure.code).toBe(code);
    expect(failure.retryAfterMs).toBe(code === 'token-refused' ? undefined : 2000);
    expect(failure.reply).toBeUndefined();
  });
});

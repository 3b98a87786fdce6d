/** A failure is data without secrets: kind and actor follow from the code, retryable from the kind. */
import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { asFailure, Failure, isFailure, redact } from '../../src/errors/index.js';

const jwt = `eyJ${'a'.repeat(40)}.eyJ${'b'.repeat(40)}.${'c'.repeat(40)}`;

describe('redact', () => {
  test.each([
    ['a JSON Web Token', `token ${jwt} refused`],
    ['an Authorization header', `Authorization: Bearer ${jwt}`],
    ['an opaque bearer token', 'auth=Bearer EwBAAl3BAAUFFpUA\u0001\u0001'],
    [
      'a SASL blob in base64',
      Buffer.from(`user=a@b.c\u0001auth=Bearer ${jwt}\u0001\u0001`).toString('base64'),
    ],
  ])('blanks out %s', (_what, text) => {
    const redacted = redact(text);
    expect(redacted).toContain('[redacted]');
    for (const secret of [jwt, 'EwBAAl3BAAUFFpUA', Buffer.from(jwt).toString('base64').slice(4, 40)])
      expect(redacted).not.toContain(secret);
  });

  test('leaves what a support request needs', () => {
    const text =
      "AADSTS700016: Application with identifier '11111111-2222-4333-8444-555555555555' was not found. [AM0PR10CA0365.EURPRD10.PROD.OUTLOOK.COM]";
    expect(redact(text)).toBe(text);
  });
});

describe('Failure', () => {
  test('derives kind, actor and retryable from its code', () => {
    expect(new Failure('connection-lost')).toMatchObject({
      kind: 'transient',
      actor: 'nobody',
      retryable: true,
    });
    expect(new Failure('role-missing')).toMatchObject({
      kind: 'permission',
      actor: 'entra-admin',
      retryable: false,
    });
  });

  test('redacts the server’s words and leaves its cause out of JSON', () => {
    const failure = new Failure('imap-sign-in-refused', { serverText: `bad ${jwt}`, cause: new Error(jwt) });
    expect(JSON.stringify(failure)).not.toContain(jwt);
    expect(failure.message).not.toContain(jwt);
    expect(failure.stack).not.toContain(jwt);
  });

  test('does not show its cause when it is printed', () => {
    const cause = Object.assign(new Error('inner'), { command: `AUTH XOAUTH2 ${jwt}` });
    expect(inspect(new Failure('connection-lost', { cause }), { depth: 10 })).not.toContain(jwt);
  });

  test('is recognised across copies of the package, and wraps anything else', () => {
    expect(isFailure(new Failure('connection-lost'))).toBe(true);
    expect(isFailure(new Error('x'))).toBe(false);
    expect(asFailure(new TypeError('x')).toJSON()).toMatchObject({
      kind: 'internal',
      code: 'internal-error',
      serverText: 'x',
    });
  });
});

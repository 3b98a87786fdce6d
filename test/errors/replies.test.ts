/** The catalogue of replies is complete, unambiguous, and leads to failures that exist. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { serverReply, tokenReply, type ReplyPhase } from '../../src/errors/index.js';
import { FAILURES } from '../../src/generated/failures.js';
import type { ReplyEntry } from '../../src/generated/types.js';
import { loadManifest, packagePath, problemsOf } from '../../src/manifest/index.js';

const { replies: file, connectionTypes } = loadManifest();
const replies = JSON.parse(readFileSync(packagePath(file), 'utf8')) as ReplyEntry[];
const ids = replies.map(({ id }) => id);
const lines = replies.flatMap((reply) => (reply.from === 'token' ? [] : [{ ...reply, from: reply.from }]));

/** Answers that every mail and Graph adapter has to know. */
const NAMED: Readonly<Record<string, string>> = {
  imap: `authenticate-failed login-disabled authenticated-not-connected connection-closed access-token-expired
    throttled server-unavailable server-unavailable-untagged unavailable badcharset argument-error invalid-state
    messages-gone account-blocked tls-version`,
  pop3: 'authentication-failure protocol-error server-unavailable',
  smtp: `authentication-unsuccessful disabled-for-tenant disabled-for-mailbox security-defaults criteria-not-met
    organization-configuration basic-retired not-authenticated invalid-xoauth2 concurrent-connections
    sender-thread-limit recipient-thread-limit temporary-error connection-dropped too-many-recipients
    bad-outbound-sender send-as-denied send-as-denied-new no-permission-to-send-as submission-quota mailbox-full
    message-too-large tenant-threshold address-not-accepted tenant-block-list external-recipient-limit`,
  graph: `invalid-token claims-challenge access-denied odata-disabled mailbox-not-enabled send-as-denied
    item-not-found resource-not-found throttled submission-quota request-too-large timeout invalid-mime`,
};
const PHASES: Readonly<Record<string, readonly ReplyPhase[]>> = {
  imap: ['sign-in', 'command'],
  pop3: ['sign-in', 'command'],
  smtp: ['connect', 'sign-in', 'sender', 'recipient', 'message'],
  graph: ['command'],
};

test('fits its schema, and each id stands in it once', () => {
  expect(problemsOf('schemas/replies.schema.json', structuredClone(replies), 'test')).toEqual([]);
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
});

test('knows at least 130 AADSTS numbers and every answer of the protocols that is named here', () => {
  expect(ids.filter((id) => id.startsWith('AADSTS')).length).toBeGreaterThanOrEqual(130);
  const named = Object.entries(NAMED).flatMap(([from, names]) =>
    names.split(/\s+/u).map((name) => `${from}-${name}`),
  );
  expect(named.filter((id) => !ids.includes(id))).toEqual([]);
});

test('leads to failures of the catalogue, by authentication methods of the manifest', () => {
  const methods = connectionTypes[0].authMethods.map(({ id }) => id);
  for (const { id, code, byMethod = {} } of replies) {
    for (const one of [code, ...Object.values(byMethod)])
      expect([id, one, Object.hasOwn(FAILURES, one)]).toEqual([id, one, true]);
    for (const method of Object.keys(byMethod))
      expect([id, method, methods.includes(method)]).toEqual([id, method, true]);
  }
});

describe('tokens', () => {
  test('an AADSTS number is its own sign', () => {
    for (const { id, sign } of replies.filter((reply) => reply.id.startsWith('AADSTS')))
      expect(id).toBe(`AADSTS${sign}`);
  });

  test('the first known sign counts, and the method can make a difference', () => {
    expect(tokenReply(['9', '53003', 'invalid_grant'], 'sign-in')).toEqual({
      id: 'AADSTS53003',
      code: 'sign-in-blocked-by-policy',
    });
    expect(tokenReply(['53003'], 'device-code')?.code).toBe('device-code-blocked');
    expect(tokenReply(['toString', 'nothing'], 'sign-in')).toBeUndefined();
  });
});

describe('lines', () => {
  test.each(lines)('$id: the example is recognised as itself', ({ id, from, sign, phase }) => {
    for (const one of phase === undefined ? PHASES[from]! : [phase])
      expect([one, serverReply(from, one, sign)?.id]).toEqual([one, id]);
  });

  test('of a phase mean nothing in another', () => {
    expect(serverReply('smtp', 'sign-in', '535 5.7.3 Authentication unsuccessful')?.id).toBe(
      'smtp-authentication-unsuccessful',
    );
    expect(serverReply('smtp', 'message', '535 5.7.3 Authentication unsuccessful')).toBeUndefined();
  });

  test.each(Object.keys(PHASES))('%s: a harmless answer is none of them', (from) => {
    for (const phase of PHASES[from]!)
      expect(serverReply(from as 'imap', phase, '250 2.0.0 OK completed')).toBeUndefined();
  });
});

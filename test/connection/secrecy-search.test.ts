/** The search for secrets, on which test/connection/secrecy.test.ts and its like rest: it finds what was planted. */
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { Canaries, formsOf, renderings } from '../support/canaries.js';
import { AWKWARD } from './secrecy/world.js';

describe('the search', () => {
  const secret = `S3cr3t~${AWKWARD}`;
  const long = randomBytes(900).toString('base64url');

  test('finds every form of a secret within other text, and nothing where nothing is', () => {
    const canaries = new Canaries();
    canaries.plant('short', secret);
    canaries.plant('long', long);
    for (const one of [secret, long.slice(0, 32)]) {
      const forms = formsOf(one);
      expect(forms.map(([form]) => form)).toEqual(expect.arrayContaining(['plain', 'hex']));
      for (const [, text] of forms) expect(canaries.find('x', `say "${text}" again`)).not.toEqual([]);
    }
    expect(canaries.find('x', `${secret.slice(1)} ${randomBytes(4000).toString('base64')}`)).toEqual([]);
  });

  test.each([0, 1, 2, 3, 4, 5])('finds base64 of a secret behind %d other bytes', (before) => {
    const canaries = new Canaries();
    canaries.plant('short', secret);
    const bytes = Buffer.concat([Buffer.alloc(before, 'y'), Buffer.from(secret), Buffer.from('\u0001tail')]);
    expect(canaries.find('x', bytes.toString('base64'))).not.toEqual([]);
    expect(canaries.find('x', bytes.toString('base64url'))).not.toEqual([]);
    expect(canaries.find('x', bytes.toString('hex'))).not.toEqual([]);
    expect(canaries.find('x', Buffer.concat([Buffer.from([0xff]), bytes]))).not.toEqual([]);
  });

  test('finds a long secret that was cut, and one in a SASL response', () => {
    const canaries = new Canaries();
    canaries.plant('long', long);
    expect(canaries.find('x', `…${long.slice(100, 170)}…`)).not.toEqual([]);
    const response = `user=anna\u0001auth=Bearer ${long}\u0001\u0001`;
    expect(canaries.find('x', Buffer.from(response).toString('base64').slice(200, 320))).not.toEqual([]);
  });

  test('looks where loggers look: fields, hidden ones, causes, buffers', () => {
    const canaries = new Canaries();
    canaries.plant('short', secret);
    const hidden = new Error('outer', {
      cause: Object.assign(new Error('inner'), { sent: { deep: [secret] } }),
    });
    const property = new Error('x');
    Object.defineProperty(property, 'secret', { value: secret, enumerable: false });
    for (const value of [hidden, property, { bytes: Buffer.from(secret) }, new Error(secret)]) {
      const found = Object.entries(renderings(value)).flatMap(([name, text]) => canaries.find(name, text));
      expect(found).not.toEqual([]);
    }
  });
});

/** How a failure reads: what the catalogue adds to its texts, and what no text may say. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Failure } from '../../src/errors/index.js';
import { INFERRED_REPLIES } from '../../src/generated/replies.js';
import type { ReplyEntry } from '../../src/generated/types.js';
import { languages, loadManifest, packagePath, renderFailure, textsIn } from '../../src/manifest/index.js';

const manifest = loadManifest();
const replies = JSON.parse(readFileSync(packagePath(manifest.replies), 'utf8')) as ReplyEntry[];
const english = textsIn('en');

describe('explanation', () => {
  test('says so when it is our own conclusion, and only then', () => {
    const report = new Failure('imap-sign-in-refused').toJSON();
    expect(renderFailure({ ...report, reply: 'imap-authenticate-failed' }, english).inference).toMatch(
      /our own conclusion/u,
    );
    expect(renderFailure({ ...report, reply: 'AADSTS7000222' }, english).inference).toBeUndefined();
    expect(renderFailure(report, english).inference).toBeUndefined();
    expect([...INFERRED_REPLIES]).toEqual(
      replies.flatMap(({ id, provenance }) => (provenance === 'inferred' ? [id] : [])),
    );
  });

  test('names how long a change may take, and where to read on', () => {
    const parameters = { mailbox: 'a@contoso.com', sender: 'b@contoso.com' };
    const text = renderFailure(new Failure('sender-not-permitted', { parameters }).toJSON(), textsIn('de'));
    expect(text.settlesWithinMinutes).toBe(120);
    expect(text.settling).toContain('120 Minuten');
    expect(text.docs).toMatch(/^https:\/\/learn\.microsoft\.com\//u);
    const own = new Failure('token-refused', { docs: 'https://login.microsoftonline.com/error?code=1' });
    expect(renderFailure(own.toJSON(), english).docs).toBe('https://login.microsoftonline.com/error?code=1');
    expect(renderFailure(new Failure('internal-error').toJSON(), english)).not.toHaveProperty('settling');
  });

  test.each(languages())('tells in words of %s what the code says in its own', (language) => {
    const own = [
      'no-certificate',
      'no-private-key',
      'not-rsa',
      'wrong-password',
      'keys-differ',
      'not-readable',
    ];
    for (const reason of own) {
      const failure = new Failure('certificate-unusable', { parameters: { reason } });
      expect(renderFailure(failure.toJSON(), textsIn(language)).cause).not.toMatch(
        /\{reason\}|[a-z]+-[a-z]+\.$/u,
      );
    }
    for (const what of ['client-secret', 'certificate', 'next-certificate']) {
      const parameters = { what, date: '2026-12-01', days: 8 };
      const text = renderFailure(new Failure('expires-soon', { parameters }).toJSON(), textsIn(language));
      expect(JSON.stringify(text)).not.toMatch(/\{\w+\}|-certificate|client-secret/u);
    }
  });

  test('of a code from another version falls back to keys', () => {
    const report = { ...new Failure('internal-error').toJSON(), code: 'from-the-future' };
    expect(renderFailure(report, english).title).toBe('failures.from-the-future.title');
  });
});

describe.each(languages())('texts in %s', (language) => {
  const texts = textsIn(language);
  const all = manifest.failures.map(({ code }) => ({
    code,
    text: ['title', 'cause', 'remedy'].map((part) => texts.text(`failures.${code}.${part}`)).join(' '),
  }));

  test('give no advice that endangers the tenant or is out of date', () => {
    const dangerous = /Set-TransportConfig|AzureAD|-ServiceId|full_access_as_app|ApplicationAccessPolicy/u;
    expect(all.filter(({ text }) => dangerous.test(text))).toEqual([]);
  });

  test('promise no transport that the product lacks', () => {
    const transports = new Set<string>(manifest.activities.flatMap((activity) => activity.transports));
    for (const [transport, name] of [
      ['graph', /\bGraph\b/u],
      ['pop3', /\bPOP3?\b/u],
    ] as const) {
      if (transports.has(transport)) continue;
      // The texts of that transport's own answers, and the portal's menu under which User.Read stands.
      const own = replies.flatMap(({ from, code }) => (from === transport ? [code] : []));
      const others = all.filter(({ code }) => ![...own, 'profile-permission-missing'].includes(code));
      expect(others.filter(({ text }) => name.test(text))).toEqual([]);
    }
  });
});

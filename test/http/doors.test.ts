/**
 * Who may talk to the server. A server on loopback can be reached by every page the designer has open, so each
 * refusal stands beside the same request in its allowed form.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openPage, type OpenPage } from './open-page.js';

let page: OpenPage;

beforeAll(async () => {
  page = await openPage({ maxBodyBytes: 20_000 });
}, 30_000);
afterAll(() => page.stop());

const port = () => new URL(page.url).port;

describe('the name in Host', () => {
  test.each(['127.0.0.1', 'localhost'])('%s with the own port passes', async (name) => {
    expect((await page.ask('GET', '/api/manifest', { host: `${name}:${port()}` })).status).toBe(200);
  });

  test.each(['evil.example', 'evil.example:PORT', '127.0.0.1', '127.0.0.1:1', 'localhost.evil.example:PORT'])(
    '%s is refused: it may be a foreign name that resolves to this machine',
    async (name) => {
      const answer = await page.ask('GET', '/api/manifest', { host: name.replace('PORT', port()) });
      expect(answer).toMatchObject({ status: 403, body: '{"error":"other-host"}' });
    },
  );
});

describe('the page a request comes from', () => {
  test('the own one passes', async () => {
    const answer = await page.ask('GET', '/api/manifest', {
      origin: page.url,
      'sec-fetch-site': 'same-origin',
    });
    expect(answer.status).toBe(200);
  });

  test.each(['https://evil.example', 'null', 'http://127.0.0.1:1', 'https://127.0.0.1:PORT'])(
    'origin %s is refused',
    async (origin) => {
      const headers = { origin: origin.replace('PORT', port()), 'content-type': 'application/json' };
      expect((await page.ask('POST', '/api/check', headers, '{}')).status).toBe(403);
    },
  );

  test('a script or image of another site is refused, a link to the page is not', async () => {
    const script = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' };
    expect((await page.ask('GET', '/api/validators.js', script)).status).toBe(403);
    const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
    expect((await page.ask('GET', '/api/manifest', link)).status).toBe(200);
  });
});

describe('the body', () => {
  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    'application/jsonp',
    '',
  ])('sent as "%s" is refused: a foreign page can send that without asking', async (type) => {
    const answer = await page.ask('POST', '/api/check', type === '' ? {} : { 'content-type': type }, '{}');
    expect(answer).toMatchObject({ status: 415, body: '{"error":"not-json"}' });
  });

  test('sent as JSON with a charset passes', async () => {
    const answer = await page.ask(
      'POST',
      '/api/check',
      { 'content-type': 'application/json; charset=utf-8' },
      '{}',
    );
    expect(answer.status).toBe(200);
  });

  test('beyond the limit is refused', async () => {
    const answer = await page.post('/api/check', { connection: { tenant: 'x'.repeat(30_000) } });
    expect(answer).toMatchObject({ status: 413, body: '{"error":"too-large"}' });
  });

  test('that is not JSON is refused without being quoted', async () => {
    const headers = { 'content-type': 'application/json' };
    const answer = await page.ask('POST', '/api/check', headers, 'my-secret-value, not JSON');
    expect(answer).toMatchObject({ status: 400, body: '{"error":"bad-request"}' });
  });
});

describe('every answer', () => {
  test.each(['/api/manifest', '/api/validators.js', '/nothing-here'])(
    '%s carries a policy that allows no inline script and no eval',
    async (path) => {
      const { headers } = await page.ask('GET', path);
      const policy = String(headers['content-security-policy']);
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self';");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain('unsafe');
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-resource-policy': 'same-origin',
        'cross-origin-opener-policy': 'same-origin',
      });
      expect(headers).not.toHaveProperty('access-control-allow-origin');
    },
  );

  test('also a refusal', async () => {
    const { headers } = await page.ask('GET', '/', { host: 'evil.example' });
    expect(headers).toHaveProperty('content-security-policy');
  });
});

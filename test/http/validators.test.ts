/**
 * The ready-made validators and the page's own wording, held against the server's: a form that says something else
 * than the run does would be worse than no form.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { SourceTextModule } from 'node:vm';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openConnector } from '../../src/index.js';
import {
  languages,
  loadLocale,
  loadManifest,
  packagePath,
  problemsOf,
  renderFailure,
  renderProblem,
  textsIn,
} from '../../src/manifest/index.js';
import { startServer, type RunningServer } from '../../src/http/index.js';
import { listForms } from '../../src/http/forms.js';
import { Failure } from '../../src/errors/index.js';
import type { Validate } from '../../workbench/src/form/problems.js';
import * as pageProblems from '../../workbench/src/form/problems.js';
import { createTexts } from '../../workbench/src/texts/texts.js';
import { renderFailure as renderOnPage } from '../../src/manifest/problems.js';

let server: RunningServer;
let source: string;
let validators: Record<string, Validate>;

beforeAll(async () => {
  server = await startServer({ connector: openConnector() });
  const answer = await fetch(`${server.url}/api/validators.js`);
  expect(answer.headers.get('content-type')).toMatch(/^text\/javascript/u);
  source = await answer.text();
  // As a browser takes it: an ES module that may import nothing.
  const module = new SourceTextModule(source);
  await module.link((specifier) => {
    throw new Error(`The module asks for ${specifier}`);
  });
  await module.evaluate();
  ({ validators } = module.namespace as { validators: Record<string, Validate> });
});
afterAll(() => server.stop());

test('the module needs nothing from elsewhere and compiles nothing', () => {
  expect(source).not.toMatch(/\brequire\(|\bimport\b|new Function|\beval\(/u);
});

test('every form has a validator, and so has every alternative in it', () => {
  for (const { id } of listForms()) expect(typeof validators[id]).toBe('function');
  expect(Object.keys(validators).filter((key) => key.startsWith('connection#'))).toHaveLength(6);
});

const daemon = {
  method: 'client-secret',
  clientId: '11111111-0365-4da1-8a3e-000000000001',
  clientSecret: 'x',
};
const complete = { tenant: 'contoso.com', mailbox: 'anna@contoso.com', authentication: daemon };

/** Form id → values, right and wrong in as many ways as the schemas know. */
const VALUES: Record<string, unknown[]> = {
  connection: [
    complete,
    {},
    { ...complete, tenant: 'common' },
    { ...complete, mailbox: 'anna', surprise: 1 },
    { ...complete, allowedMailboxes: ['a@b.example', 'a@b.example', 'no'] },
    { ...complete, authentication: {} },
    { ...complete, authentication: { method: 'magic' } },
    { ...complete, authentication: { ...daemon, clientId: '1', clientSecret: '' } },
    { ...complete, authentication: { method: 'password', clientId: daemon.clientId } },
    { ...complete, authentication: 'none' },
  ],
  'read-email.config': [
    { folder: 'INBOX' },
    { folder: '' },
    { folder: 'a\u0000b' },
    { folder: 'INBOX', limit: 0, readState: 'some', receivedSince: 'yesterday' },
    { folder: 'INBOX', limit: 10_001, inlineContentLimit: 1.5, includeAttachments: 'yes' },
    { folder: 'x'.repeat(1001), receivedSince: '2026-02-30T00:00:00Z' },
    { folder: 'INBOX', receivedSince: '2026-02-28T00:00:00+01:00', mailbox: 'ä@ü.example' },
  ],
  'read-email.request': [{}, { limit: '5' }, { mailbox: 'x' }],
  'send-email.config': [
    {},
    { from: {} },
    { to: [{ address: 'a b' }, { address: 'a@b', name: 'x\ny' }] },
    { subject: 'a\nb' },
  ],
  'send-email.request': [
    { to: [{ address: 'a@b.example' }], attachments: [{ name: 'a.txt', content: { inline: 'YQ==' } }] },
    { attachments: [{ name: '../a', content: {} }] },
    { attachments: [{ name: 'a', content: { inline: '', ref: '' } }] },
    { attachments: [{ name: '', contentType: 'text', content: { ref: 'x' }, contentId: '<x>' }] },
  ],
};

/** Examples beside the schemas, where there are some: schemas/examples/<schema path>/{valid,invalid}-*.json */
function examplesOf(file: string): unknown[] {
  const folder = packagePath(file.replace('schemas/', 'schemas/examples/').replace(/\.schema\.json$/u, ''));
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => {
      const content = JSON.parse(readFileSync(`${folder}/${name}`, 'utf8')) as { value?: unknown };
      // An invalid example stands beside the reason why it is one.
      return name.startsWith('invalid-') ? content.value : content;
    });
}

const forms = listForms();
const cases = forms.flatMap(({ id, file, layer: { messages } }) =>
  [...(VALUES[id] ?? []), ...examplesOf(file)].map(
    (value) => [id, JSON.stringify(value).slice(0, 90), value, file, messages] as const,
  ),
);

describe('the page judges as the server does', () => {
  test.each(cases)('%s %s', (id, _shown, value, file, messages) => {
    for (const language of languages()) {
      const server = textsIn(language);
      const page = pageTexts(language);
      // The server fills in defaults; the form has done so before it asks.
      const filled = structuredClone(value);
      const theirs = problemsOf(file, filled, messages);
      const mine = pageProblems.problemsOf(validators[id]!, filled, messages, page);
      expect(mine).toEqual(theirs);
      expect(mine.map((one) => pageProblems.renderProblem(one, page))).toEqual(
        theirs.map((one) => renderProblem(one, server)),
      );
    }
  });

  test('both right and wrong values were judged', () => {
    const verdicts = cases.map(([id, , value]) => validators[id]!(value));
    expect(new Set(verdicts)).toEqual(new Set([true, false]));
  });
});

describe('the page words a failure as the server does', () => {
  test.each(languages())('in %s', (language) => {
    for (const { code } of loadManifest().failures) {
      const failure = new Failure(code as ConstructorParameters<typeof Failure>[0], {
        parameters: { mailbox: 'a@b.example', host: 'h', port: 993 },
        problems: [{ pointer: '/tenant', label: 'connections.microsoft365.tenant.label', rule: 'required' }],
      }).toJSON();
      expect(renderOnPage(failure, pageTexts(language))).toEqual(renderFailure(failure, textsIn(language)));
    }
  });
});

function pageTexts(language: string) {
  return createTexts(loadLocale(language), language);
}

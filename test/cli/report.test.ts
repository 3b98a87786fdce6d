/** What `check --all` says of the features: what is seen, what is missing, and what nobody can see. */
import { describe, expect, test } from '@jest/globals';
import { reportFooter } from '../../src/cli/check-report.js';
import type { Check } from '../../src/generated/types.js';
import { textsIn } from '../../src/manifest/index.js';

const texts = textsIn('en');
const check = (
  stage: Check['stage'],
  more: Partial<Omit<Check, 'stage' | 'durationMs' | 'transport'>> & { transport?: 'graph' } = {},
): Check => ({ stage, status: 'passed', durationMs: 1, evidence: {}, ...more });

function features(method: string, held: string[], checks: readonly Check[] = []): string[] {
  const settings = {
    tenant: 'contoso.com',
    mailbox: 'orders@contoso.com',
    authentication: { method, clientId: '11111111-2222-3333-4444-555555555555' },
  };
  const lines = reportFooter(
    {
      settings,
      transports: ['graph-send'],
      changingOver: [],
      mailboxes: [settings.mailbox],
      checks: [check('least-privilege', { evidence: { held } }), ...checks],
      at: new Date(0),
      file: 'connection.json',
    },
    texts,
  );
  const end = lines.findIndex((line) => line.includes(texts.text('cli.report.openings')));
  // eslint-disable-next-line no-control-regex -- the colours of a terminal
  return lines.slice(2, end - 1).map((line) => line.replace(/\u001B\[\d+m/gu, ''));
}

const marks = (lines: readonly string[]): string[] => lines.map(([mark = '']) => mark);

describe('sending over Graph', () => {
  test('an app with the permissions in its token: what each is enough for', () => {
    expect(features('client-secret', ['graph/application/Mail.Send'])).toEqual([
      '✓ Send messages, Microsoft Graph',
      '? Send as another address, Microsoft Graph',
      '? Send files over 2 MB, Microsoft Graph',
      '✓ Test the connection for sending, Microsoft Graph',
    ]);
    const both = ['graph/application/Mail.Send', 'graph/application/Mail.ReadWrite'];
    expect(marks(features('client-secret', both))).toEqual(['✓', '✓', '✓', '✓']);
  });

  test('an app without: an Exchange role may allow it, and nothing is claimed', () => {
    expect(marks(features('client-secret', []))).toEqual(['?', '?', '?', '✓']);
  });

  test('a user: what the consent lacks is named', () => {
    const lines = features('sign-in', ['graph/delegated/Mail.Send', 'graph/delegated/offline_access']);
    expect(lines).toContain('✓ Send messages, Microsoft Graph');
    expect(lines).toContain('✗ Send files over 2 MB, Microsoft Graph (graph/delegated/Mail.ReadWrite)');
  });

  test('a folder that cannot be read says nothing about sending; a token that fits nothing does', () => {
    const held = ['graph/application/Mail.Send'];
    const failed = (stage: Check['stage']) => [check(stage, { transport: 'graph', status: 'failed' })];
    expect(features('client-secret', held, failed('folder'))[0]).toMatch(/^✓/u);
    expect(features('client-secret', held, failed('claims'))[0]).toMatch(/^✗/u);
  });
});

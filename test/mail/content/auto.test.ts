/** What headers say about the nature of a message. */
import { describe, expect, test } from '@jest/globals';
import { messageNature, type MessageNature } from '../../../src/mail/content/auto.js';
import { parseHeaderBlock } from '../../../src/mail/mime/headers.js';
import { badStrings, shuffled } from './support/hostile.js';

const nature = (...lines: readonly string[]): MessageNature =>
  messageNature(parseHeaderBlock(Buffer.from(lines.join('\r\n'))));

test('an ordinary message', () => {
  expect(nature('From: Anna <anna@contoso.example>', 'Auto-Submitted: no')).toEqual({
    list: null,
    automatic: { isAutomatic: false, autoSubmitted: null, mayBeAnswered: true, signs: [] },
    importance: 'normal',
    readReceiptTo: [],
  });
});

test('a mailing list', () => {
  const { list, automatic } = nature(
    'List-Id: "News of Contoso" <news.contoso.example>',
    'List-Post: NO',
    'List-Unsubscribe: <mailto:off@contoso.example?subject=off>,',
    ' <https://contoso.example/off?u=1>',
    'List-Unsubscribe-Post: List-Unsubscribe=One-Click',
    'List-Archive: <https://contoso.example/',
    ' archive> (Web)',
  );
  expect(list).toEqual({
    id: 'news.contoso.example',
    name: 'News of Contoso',
    post: [],
    help: [],
    subscribe: [],
    unsubscribe: ['mailto:off@contoso.example?subject=off', 'https://contoso.example/off?u=1'],
    oneClickUnsubscribe: true,
    owner: [],
    archive: ['https://contoso.example/archive'],
  });
  expect(automatic).toMatchObject({ isAutomatic: false, mayBeAnswered: false });
});

describe('automatic mail', () => {
  test.each([
    ['Auto-Submitted: auto-replied; owner-email="x"', true],
    ['X-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent', true],
    ['Precedence: auto_reply', true],
    ['Content-Type: multipart/report; report-type=delivery-status; boundary=x', true],
    ['Return-Path: <>', true],
    ['X-Autoreply: yes', true],
    ['X-Auto-Response-Suppress: DR, OOF, AutoReply', false],
    ['Precedence: bulk', false],
  ])('%s', (line, isAutomatic) => {
    const { automatic } = nature(line);
    expect(automatic).toMatchObject({ isAutomatic, mayBeAnswered: false });
    expect(automatic.signs[0]?.toLowerCase()).toBe(line.toLowerCase());
  });

  test('receipts alone may be suppressed', () => {
    expect(nature('X-Auto-Response-Suppress: DR, RN, NRN').automatic.mayBeAnswered).toBe(true);
  });
});

describe('importance', () => {
  test.each([
    ['Importance: High', 'high'],
    ['X-Priority: 1 (Highest)', 'high'],
    ['X-Priority: 3', 'normal'],
    ['X-Priority: 5', 'low'],
    ['X-MSMail-Priority: Low', 'low'],
    ['Priority: urgent', 'high'],
    ['Priority: non-urgent', 'low'],
    ['Importance: low\r\nX-Priority: 1', 'low'],
    ['Importance: whatever', 'normal'],
  ])('%j', (lines, expected) => {
    expect(nature(lines).importance).toBe(expected);
  });
});

test('a read receipt is wanted', () => {
  expect(nature('Disposition-Notification-To: "Anna" <anna@contoso.example>').readReceiptTo).toEqual([
    { name: 'Anna', address: 'anna@contoso.example' },
  ]);
});

test('any sequence of pieces gives clean text', () => {
  const pieces = ['List-Id: ', 'List-Post: ', 'Auto-Submitted: ', 'Importance: ', '<', '>', '\r\n', ' ', '=?utf-8?b?AA==?=',
    '=?utf-16le?b?ANg=?=', '\u0000', 'X-Priority: ', 'high', 'Disposition-Notification-To: ', ',', '"']; // prettier-ignore
  for (const lines of shuffled(pieces, 1000, 30)) expect(badStrings(nature(lines))).toEqual([]);
});

test('long fields are read in one pass', () => {
  expect(nature(`List-Post: ${'<'.repeat(500_000)}`).list).toBeNull();
  expect(nature(`List-Id: ${'<a>'.repeat(200_000)}`).list?.id).toBe('a');
});

/**
 * The same foreign mail read by mailparser, the parser that most Node programs use: texts, HTML and the bytes of
 * attachments are equal, or the message is listed under the class of its difference. White space at line ends aside.
 */
import { expect, test } from '@jest/globals';
import { simpleParser } from 'mailparser';
import { DIFFERENCES } from './differences.js';
import { foreignMessages, sha256, withLf } from './support/messages.js';
import { parseMessage } from '../../src/mail/index.js';

interface Reading {
  readonly text: string;
  readonly html: string;
  readonly attachments: readonly string[];
}

const squeezed = (text: string): string => text.replaceAll(/\s+/gu, ' ').trim();

async function ours(source: Buffer): Promise<Reading> {
  async function* whole(): AsyncGenerator<Buffer> {
    yield await Promise.resolve(source);
  }
  const { text, html, attachments } = await parseMessage(whole(), { keepAttachmentBytes: 100_000_000 });
  return {
    text: squeezed(text ?? ''),
    html: squeezed(html ?? ''),
    attachments: attachments.map(({ bytes }) => sha256(withLf(bytes ?? Buffer.alloc(0)))).sort(),
  };
}

async function theirs(source: Buffer): Promise<Reading> {
  const options = { skipHtmlToText: true, skipTextToHtml: true, skipImageLinks: true, skipTextLinks: true };
  const { text = '', html, attachments } = await simpleParser(source, options);
  return {
    text: squeezed(text),
    // Between HTML parts it puts a break of its own.
    html: squeezed((html === false ? '' : html).replaceAll('<br/>\n', '\n')),
    attachments: attachments.map(({ content }) => sha256(withLf(content))).sort(),
  };
}

const listed = new Map(
  Object.entries(DIFFERENCES).flatMap(([kind, names]) => names.map((name) => [name, kind])),
);

test.each(foreignMessages())('$name', async ({ name, source }) => {
  const same = JSON.stringify(await ours(source)) === JSON.stringify(await theirs(source));
  expect({ name, same }).toEqual({ name, same: !listed.has(name) });
});

test('every listed difference is of a message that is there', () => {
  const names = new Set(foreignMessages().map(({ name }) => name));
  expect([...listed.keys()].filter((name) => !names.has(name))).toEqual([]);
});

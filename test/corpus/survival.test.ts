/**
 * Every foreign message, whatever is wrong with it: nothing is thrown, pieces of any size and either line end give the same
 * message, no text holds NUL or a lone surrogate, and every attachment is as the schema of the record wants it.
 */
import { expect, test } from '@jest/globals';
import { decodeText, type ParsedMessage } from '../../src/mail/index.js';
import { problemsOf } from '../../src/manifest/index.js';
import { foreignMessages, parse, sha256, withLf } from './support/messages.js';

const messages = foreignMessages();

test('there are foreign messages', () => {
  expect(messages.length).toBeGreaterThan(200);
});

/** Everything of a message but its size; bytes by their digest, with LF for line ends. */
function contentOf(message: ParsedMessage): unknown {
  const { fields, text, html, attachments, warnings } = message;
  return {
    fields,
    text,
    html,
    warnings: warnings.filter(({ code }) => code !== 'body-cut'),
    attachments: attachments.map(
      ({ part, name, contentType, disposition, contentId, bytes, message: inner }) => ({
        ...{ part, name, contentType, disposition, contentId },
        sha256: bytes === undefined ? undefined : sha256(withLf(bytes)),
        inner: inner === undefined ? undefined : contentOf(inner),
      }),
    ),
  };
}

function textsOf({ fields, text, html, attachments, warnings }: ParsedMessage): string[] {
  return [
    text ?? '',
    html ?? '',
    ...fields.flatMap(({ name, value }) => [name, value, decodeText(value)]),
    ...warnings.flatMap(({ detail = '' }) => detail),
    ...attachments.flatMap(({ name, contentId, message }) => [
      name,
      contentId ?? '',
      ...(message === undefined ? [] : textsOf(message)),
    ]),
  ];
}

test.each(messages)('$name in pieces of any size is the same message', async ({ source }) => {
  const whole = await parse(source);
  for (const size of [7, 61, 1024]) expect(await parse(source, size)).toEqual(whole);
});

test.each(messages)('$name with CRLF and with LF is the same message', async ({ source }) => {
  const unix = withLf(source);
  const network = Buffer.from(unix.toString('latin1').replaceAll('\n', '\r\n'), 'latin1');
  expect(contentOf(await parse(network))).toEqual(contentOf(await parse(unix)));
});

test.each(messages)('$name holds no NUL and no lone surrogate', async ({ source }) => {
  const texts = textsOf(await parse(source));
  expect(texts.filter((text) => text.includes('\u0000') || !text.isWellFormed())).toEqual([]);
});

test.each(messages)('$name has attachments as the schema wants them', async ({ source }) => {
  const { attachments } = await parse(source);
  const problems = attachments.flatMap(
    ({ part, name, contentType, disposition, contentId, size, sha256: digest }) =>
      problemsOf(
        'schemas/common/received-attachment.schema.json',
        { part, name, contentType, disposition, contentId, size, sha256: digest },
        'problems',
      ),
  );
  expect(problems).toEqual([]);
});

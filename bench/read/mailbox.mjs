/**
 * The mailbox that is read, from a seed: 2,000 messages, about 245 MB, as business mail is mixed, and one message with an
 * attachment of 100 MB. Owns: the sources and what a reader must find in them. Must not: use code of the connector.
 */
import { createCipheriv, createHash } from 'node:crypto';
import { addMessage, digestOf, newTally } from './sink.mjs';

const SEED = 'read-bench-1';
const COUNTS = { text: 1_400, image: 500, document: 100 };
const DOCUMENT_BYTES = 1_530_000;
const IMAGE_BYTES = 31_000;
const LARGE_BYTES = 100 * 1024 * 1024;
const QUOTED_WIDTH = 75;

const WORDS =
  'Lieferung Rechnung quote order please Größe façade mañana the and delivery Auftrag invoice 2026 attached Grüße'.split(
    ' ',
  );

/** Bytes that depend on the seed and the name alone. */
function bytesOf(name, length) {
  const key = createHash('sha256').update(`${SEED}/${name}`).digest();
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(length));
}

function textOf(name, length) {
  const random = bytesOf(name, length);
  const lines = [];
  let line = '';
  let size = 0;
  for (const byte of random) {
    if (size >= length) break;
    line += `${WORDS[byte % WORDS.length]} `;
    if (line.length > 60) {
      lines.push(line.trimEnd());
      size += line.length + 2;
      line = '';
    }
  }
  return lines.join('\n');
}

function base64Lines(bytes) {
  const text = bytes.toString('base64');
  const lines = [];
  for (let at = 0; at < text.length; at += 76) lines.push(text.slice(at, at + 76));
  return lines.join('\r\n');
}

/** RFC 2045 section 6.7; lines of the text must not end with a space. */
function quotedPrintable(text) {
  return text.split('\n').map(codedLine).join('\r\n');
}

function codedLine(line) {
  let coded = '';
  let width = 0;
  for (const byte of Buffer.from(line, 'utf8')) {
    const plain = byte !== 0x3d && byte <= 0x7e;
    const token = plain ? String.fromCharCode(byte) : `=${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    if (width + token.length > QUOTED_WIDTH) {
      coded += '=\r\n';
      width = 0;
    }
    coded += token;
    width += token.length;
  }
  return coded;
}

function header(index, contentType) {
  const date = new Date(Date.UTC(2026, 0, 1) + index * 600_000);
  const stamp = date.toUTCString().replace('GMT', '+0000');
  const id = createHash('sha256')
    .update(`${SEED}/${String(index)}`)
    .digest('hex')
    .slice(0, 24);
  const hop = (number) =>
    `Received: from AM0PR0${number}MB${1000 + index}.eurprd0${number}.prod.outlook.com (2603:10a6:208:${number}::1${number})\r\n` +
    ` by DB9PR0${number}MB${2000 + index}.eurprd0${number}.prod.outlook.com with HTTPS; ${stamp}`;
  return {
    messageId: `<${id}@bench.example>`,
    block: [
      hop(1),
      hop(2),
      hop(3),
      'Authentication-Results: spf=pass (sender IP is 192.0.2.7) smtp.mailfrom=bench.example; dkim=pass',
      `From: =?utf-8?Q?J=C3=BCrgen?= Sender ${index % 40} <sender${index % 40}@bench.example>`,
      'To: "Doe, Anna" <anna@contoso.example>, Ben <ben@contoso.example>',
      'Cc: sales@contoso.example',
      `Subject: =?utf-8?Q?Auftrag_Nr=2E_${index}_f=C3=BCr_Stra=C3=9Fe?= and a plain tail`,
      `Date: ${stamp}`,
      `Message-ID: <${id}@bench.example>`,
      `In-Reply-To: <parent.${index % 200}@bench.example>`,
      `References: <root.${index % 50}@bench.example> <parent.${index % 200}@bench.example>`,
      'X-Mailer: Bench 1.0',
      'Importance: normal',
      'Thread-Topic: Auftrag',
      'X-MS-Exchange-Organization-SCL: 1',
      'MIME-Version: 1.0',
      contentType,
    ].join('\r\n'),
  };
}

const PLAIN = 'Content-Type: text/plain; charset=utf-8';
const CODED = 'Content-Transfer-Encoding: quoted-printable';

function textMessage(index) {
  const text = textOf(`text/${index}`, 3_300);
  const { messageId, block } = header(index, `${PLAIN}\r\n${CODED}`);
  return { messageId, text, attachments: [], source: `${block}\r\n\r\n${quotedPrintable(text)}\r\n` };
}

function imageMessage(index) {
  const text = textOf(`text/${index}`, 2_000);
  const image = bytesOf(`image/${index}`, IMAGE_BYTES);
  const html = `<html><body><img src="cid:logo@bench.example">${textOf(`html/${index}`, 8_000)
    .split('\n')
    .map((line) => `<p style="margin:0">${line}</p>`)
    .join('\n')}</body></html>`;
  const { messageId, block } = header(index, 'Content-Type: multipart/related; boundary="outer-7f3"');
  const source =
    `${block}\r\n\r\n--outer-7f3\r\nContent-Type: multipart/alternative; boundary="inner-7f3"\r\n\r\n` +
    `--inner-7f3\r\n${PLAIN}\r\n${CODED}\r\n\r\n${quotedPrintable(text)}\r\n` +
    `--inner-7f3\r\nContent-Type: text/html; charset=utf-8\r\n${CODED}\r\n\r\n${quotedPrintable(html)}\r\n--inner-7f3--\r\n` +
    `--outer-7f3\r\nContent-Type: image/png; name="logo.png"\r\nContent-ID: <logo@bench.example>\r\n` +
    `Content-Disposition: inline; filename="logo.png"\r\nContent-Transfer-Encoding: base64\r\n\r\n${base64Lines(image)}\r\n--outer-7f3--\r\n`;
  return { messageId, text, attachments: [image], source };
}

function documentMessage(index, length = DOCUMENT_BYTES) {
  const text = textOf(`text/${index}`, 1_000);
  const document = bytesOf(`document/${index}`, length);
  const { messageId, block } = header(index, 'Content-Type: multipart/mixed; boundary="outer-7f3"');
  const source =
    `${block}\r\n\r\n--outer-7f3\r\n${PLAIN}\r\n${CODED}\r\n\r\n${quotedPrintable(text)}\r\n` +
    `--outer-7f3\r\nContent-Type: application/pdf; name="offer.pdf"\r\n` +
    `Content-Disposition: attachment; filename="offer.pdf"\r\nContent-Transfer-Encoding: base64\r\n\r\n${base64Lines(document)}\r\n--outer-7f3--\r\n`;
  return { messageId, text, attachments: [document], source };
}

/** Messages of the inbox, kinds mixed evenly; made one by one. */
export function* inboxMessages() {
  const total = COUNTS.text + COUNTS.image + COUNTS.document;
  for (let index = 0; index < total; index += 1) {
    const place = index % 20;
    yield place === 7 ? documentMessage(index) : place % 4 === 1 ? imageMessage(index) : textMessage(index);
  }
}

export const smallMessage = () => textMessage(9_998);
export const largeMessage = () => documentMessage(9_999, LARGE_BYTES);

/** The sources, and once all are taken, what readers must find: with attachments, and text alone. */
export function prepared(messages) {
  const whole = newTally();
  const textOnly = newTally();
  const expected = { sourceBytes: 0, whole: undefined, textOnly: undefined };
  function* sources() {
    for (const message of messages) {
      const source = Buffer.from(message.source, 'latin1');
      expected.sourceBytes += source.length;
      addMessage(whole, message);
      addMessage(textOnly, { ...message, attachments: [] });
      yield source;
    }
    Object.assign(expected, { whole: digestOf(whole), textOnly: digestOf(textOnly) });
  }
  return { sources: sources(), expected };
}

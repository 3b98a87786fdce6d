/** Small messages for tests, as bytes with CRLF line ends. */

/** Lines joined as RFC 5322 wants them. Non-ASCII characters become UTF-8. */
export function source(...lines: readonly string[]): Buffer {
  return Buffer.from(`${lines.join('\r\n')}\r\n`, 'utf8');
}

export function plainMessage(
  subject: string,
  text = 'Hello',
  messageId = `<${subject.replace(/\W/gu, '-')}@test.example>`,
): Buffer {
  return source(
    'From: "Fabrikam, Purchasing" <orders@fabrikam.example>',
    'To: Anna <anna@contoso.example>',
    `Subject: ${subject}`,
    'Date: Mon, 02 Nov 2026 09:30:00 +0100',
    `Message-ID: ${messageId}`,
    'Content-Type: text/plain; charset=utf-8',
    '',
    text,
  );
}

/** A message with one attachment, base64 in lines of 76 characters. */
export function messageWithAttachment(subject: string, name: string, content: Buffer): Buffer {
  const lines = content.toString('base64').match(/.{1,76}/gu) ?? [];
  return source(
    'From: orders@fabrikam.example',
    'To: anna@contoso.example',
    `Subject: ${subject}`,
    'Date: Mon, 02 Nov 2026 09:30:00 +0100',
    `Message-ID: <${subject.replace(/\W/gu, '-')}@test.example>`,
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary="=_b"',
    '',
    '--=_b',
    'Content-Type: text/plain; charset=utf-8',
    '',
    'See the file.',
    '--=_b',
    `Content-Type: application/octet-stream; name="${name}"`,
    `Content-Disposition: attachment; filename="${name}"`,
    'Content-Transfer-Encoding: base64',
    '',
    ...lines,
    '--=_b--',
  );
}

/** Bytes that look like nothing, the same for the same seed. */
export function noise(length: number, seed = 1): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let state = seed >>> 0 || 1;
  for (let at = 0; at < length; at += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
}

/** File names out of foreign mail never lead out of a folder and are never empty. */
import { expect, test } from '@jest/globals';
import { safeAttachmentName } from '../../../src/mail/mime/attachment-name.js';

test.each([
  ['../../etc/passwd', 'passwd'],
  ['C:\\Windows\\system32\\evil.dll', 'evil.dll'],
  ['a\u0000b\r\n.txt', 'ab.txt'],
  ['invoice\u202Efdp.exe', 'invoicefdp.exe'],
  ['what?<>|*.txt', 'what_____.txt'],
  ['trailing. . ', 'trailing'],
  ['CON', '_CON'],
  ['nul.txt', '_nul.txt'],
  ['..', 'attachment-2.pdf'],
  ['', 'attachment-2.pdf'],
  [undefined, 'attachment-2.pdf'],
  ['Größe 1.pdf', 'Größe 1.pdf'],
])('%j becomes %j', (stated, safe) => {
  expect(safeAttachmentName(stated, '2', 'application/pdf')).toBe(safe);
});

test('a long name keeps its extension', () => {
  const name = safeAttachmentName(`${'x'.repeat(500)}.pdf`, '2', 'application/pdf');
  expect(name).toHaveLength(200);
  expect(name.endsWith('.pdf')).toBe(true);
});

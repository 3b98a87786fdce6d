/**
 * File names out of foreign mail, made safe for any file system. A name is data of the sender: it may hold
 * folders, control characters or a Windows device.
 */

const EXTENSIONS: Readonly<Record<string, string>> = {
  'message/rfc822': 'eml',
  'message/global': 'eml',
  'message/delivery-status': 'txt',
  'message/disposition-notification': 'txt',
  'message/feedback-report': 'txt',
  'text/calendar': 'ics',
  'text/html': 'html',
  'text/csv': 'csv',
  'text/rtf': 'rtf',
  'text/xml': 'xml',
  'text/x-amp-html': 'html',
  'application/pdf': 'pdf',
  'application/json': 'json',
  'application/xml': 'xml',
  'application/zip': 'zip',
  'application/rtf': 'rtf',
  'application/ics': 'ics',
  'application/pkcs7-mime': 'p7m',
  'application/x-pkcs7-mime': 'p7m',
  'application/pkcs7-signature': 'p7s',
  'application/x-pkcs7-signature': 'p7s',
  'application/pgp-signature': 'asc',
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/jpg': 'jpg',
  'image/gif': 'gif',
  'image/bmp': 'bmp',
  'image/tiff': 'tif',
  'image/webp': 'webp',
  'image/svg+xml': 'svg',
};

const extensionOf = (contentType: string): string =>
  EXTENSIONS[contentType] ?? (contentType.startsWith('text/') ? 'txt' : 'bin');

const MAX_CHARACTERS = 200;
const WINDOWS_DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/iu;

/** A name without folders, control characters or characters that Windows refuses; never empty. */
export function safeAttachmentName(stated: string | undefined, part: string, contentType: string): string {
  const base = (stated ?? '').split(/[/\\]/u).at(-1) ?? '';
  let name = base
    // eslint-disable-next-line no-control-regex -- control characters are what is removed
    .replace(/[\u0000-\u001f\u007f\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '')
    .replace(/[<>:"|?*]/gu, '_')
    .trim()
    .replace(/[. ]+$/u, '');
  if (name === '' || /^\.+$/u.test(name)) name = `attachment-${part}.${extensionOf(contentType)}`;
  if (WINDOWS_DEVICE.test(name)) name = `_${name}`;
  if (name.length > MAX_CHARACTERS) {
    const dot = name.lastIndexOf('.');
    const extension = dot > 0 && name.length - dot <= 16 ? name.slice(dot) : '';
    name = name.slice(0, MAX_CHARACTERS - extension.length) + extension;
  }
  return name.toWellFormed();
}

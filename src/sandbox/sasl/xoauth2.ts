/**
 * Takes apart an XOAUTH2 response: base64 of user=… ^A auth=Bearer … ^A ^A.
 */

export interface Xoauth2Response {
  readonly userName: string;
  readonly accessToken: string;
}

/** Undefined when it is not one. */
export function parseXoauth2(encoded: string): Xoauth2Response | undefined {
  if (!/^[\d+/=A-Za-z]+$/u.test(encoded)) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const fields = text.split('\x01');
  const userName = fields.find((field) => field.startsWith('user='))?.slice('user='.length);
  const authorization = fields.find((field) => field.startsWith('auth='))?.slice('auth='.length);
  const accessToken = /^bearer +(?<token>\S+)$/iu.exec(authorization ?? '')?.groups?.token;
  if (userName === undefined || userName === '' || accessToken === undefined || !text.endsWith('\x01\x01')) {
    return undefined;
  }
  return { userName, accessToken };
}

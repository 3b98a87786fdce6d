/** What can go wrong on the way to a mailbox, among it servers that repeat what they were sent. */
import { DEMO } from '../../../src/sandbox/index.js';
import { startCutProxy } from '../../support/cut-proxy.js';
import type { Mischief } from '../../support/login-wire.js';
import type { World } from './world.js';

const { anna } = DEMO.people;
const IMAP = 'outlook.office365.com:993';
const SMTP = 'smtp.office365.com:587';
const NOBODY = '127.0.0.1:1';

/** A trouble: prepares it, answers with hosts to lead elsewhere. What it returns in `stop` is called afterwards. */
export type Trouble = (by: World) => Promise<{ hosts?: Record<string, string>; stop?: () => Promise<void> }>;

const signInService =
  (mischief: Mischief): Trouble =>
  (by) => {
    by.wire.mischief = mischief;
    return Promise.resolve({});
  };

/** The mail servers refuse, and repeat the token in clear and as it came: in the SASL response. */
const repeating: Trouble = ({ tenant, lastToken }) => {
  const token = lastToken();
  const response = Buffer.from(`user=${anna.address}\u0001auth=Bearer ${token}\u0001\u0001`).toString(
    'base64',
  );
  const { answers } = tenant.sandbox;
  answers.imap({
    on: 'authenticate',
    reply: `NO AUTHENTICATE failed for ${response} (Bearer ${token})`,
    times: 9,
  });
  answers.smtp({
    on: 'auth',
    reply: `535 5.7.3 Authentication unsuccessful: ${response} ${token}`,
    times: 9,
  });
  return Promise.resolve({});
};

const cut =
  (name: string, afterClientBytes: number): Trouble =>
  async ({ tenant }) => {
    const proxy = await startCutProxy(tenant.sandbox.hosts[name] ?? '', { afterClientBytes });
    return { hosts: { [name]: proxy.address }, stop: () => proxy.stop() };
  };

export const TROUBLES: Record<string, Trouble> = {
  none: signInService('none'),
  'the sign-in service refuses': ({ tenant }) => {
    tenant.sandbox.answers.token({ aadsts: 7000215, times: 9 });
    return Promise.resolve({});
  },
  'the sign-in service answers with a page that repeats the request': signInService('html'),
  'the sign-in service is down behind such a page': signInService('html-unavailable'),
  'the token holds a control character': signInService('token-with-control-character'),
  'the token is empty': signInService('empty-token'),
  'the answer with the token is cut': signInService('cut'),
  'the sign-in service hangs up': signInService('hang-up'),
  'reading is cut at the sign-in': cut(IMAP, 900),
  'sending is cut at the sign-in': cut(SMTP, 900),
  'nobody listens': () => Promise.resolve({ hosts: { [IMAP]: NOBODY, [SMTP]: NOBODY } }),
  throttling: ({ tenant }) => {
    tenant.sandbox.answers.token({ aadsts: 90055, status: 429, times: 9 });
    return Promise.resolve({});
  },
};

/** Servers that do what none should: they repeat what they were sent, in words that find their way into failures. */
export const REPETITIONS: Record<string, Trouble> = {
  'the sign-in service repeats the request': signInService('json-refusal'),
  'mail servers repeat the token': repeating,
};

/**
 * The last step of every entry: learnt secrets, whatever looks like a credential, and whoever is named are taken out.
 * One per tap, so that a secret learnt at sign-in is recognised in a mail server's answer.
 */
import { redact } from '../../errors/index.js';
import { Pseudonyms } from './pseudonyms.js';
import { Secrets } from './secrets.js';

/** Exchange's greeting ends with the name of a machine in base64, in brackets: nobody sees what else might be in there. */
const BRACKETED_BASE64 = /\[[\w+/]{16,}={0,2}\]/gu;

export class Scrubber {
  readonly secrets = new Secrets();
  readonly pseudonyms = new Pseudonyms();

  /** Free text of a server, or a line whose secrets were already replaced. */
  text(text: string): string {
    return this.pseudonyms.apply(redact(this.secrets.scrub(text)).replace(BRACKETED_BASE64, '[<redacted>]'));
  }
}

/**
 * mbsync as a stranger would set it up: IMAPS, XOAUTH2 by a Cyrus SASL plug-in, one folder into a Maildir. It connects
 * through a tunnel, so that it verifies Microsoft's name on the loopback address.
 */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run, type ProgramResult } from './run-client.js';

export interface MbsyncCase {
  readonly user: string;
  readonly token: string;
  /** Folder on the server. */
  readonly path: string;
  /** File with the root to trust. */
  readonly ca: string;
  readonly host: string;
  readonly port: number;
}

const TUNNEL = fileURLToPath(new URL('../python/tunnel.py', import.meta.url));

/** Pulls a folder into `box`. The token is in a file of its own, not in the process list. */
export async function mbsync(
  box: string,
  { user, token, path, ca, host, port }: MbsyncCase,
): Promise<ProgramResult> {
  await mkdir(join(box, 'mail'));
  await writeFile(join(box, 'token'), token, { mode: 0o600 });
  const settings = `
IMAPStore far
Host outlook.office365.com
Tunnel "python3 -B ${TUNNEL} ${host} ${port}"
SSLType IMAPS
SystemCertificates no
CertificateFile ${ca}
AuthMechs XOAUTH2
User ${user}
PassCmd "cat ${join(box, 'token')}"

MaildirStore near
Path ${join(box, 'mail')}/
Inbox ${join(box, 'mail', 'inbox')}

Channel pull
Far ":far:${path}"
Near ":near:pulled"
Sync Pull
Create Near
SyncState *
`;
  await writeFile(join(box, 'mbsyncrc'), settings.trimStart());
  return run('mbsync', ['--quiet', '--config', join(box, 'mbsyncrc'), 'pull'], '');
}

/** What lies in the Maildir, read or not. */
export async function pulledMessages(box: string): Promise<Buffer[]> {
  const messages: Buffer[] = [];
  for (const part of ['cur', 'new']) {
    const folder = join(box, 'mail', 'pulled', part);
    for (const name of await readdir(folder)) messages.push(await readFile(join(folder, name)));
  }
  return messages;
}

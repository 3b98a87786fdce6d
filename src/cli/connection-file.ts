/**
 * The connection file of the command line, when a sign-in has to be noted in it. Owns: that the file is whole at every
 * moment and readable by its owner only.
 */
import { chmodSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { Failure } from '../errors/index.js';

interface ConnectionFile {
  authentication?: { session?: string };
}

/** Notes or removes the handle of the stored sign-in. @throws Failure file-unreadable */
export function noteSession(path: string, session: string | undefined): void {
  try {
    const connection = JSON.parse(readFileSync(path, 'utf8')) as ConnectionFile;
    const authentication = { ...connection.authentication };
    delete authentication.session;
    if (session !== undefined) authentication.session = session;
    const changed = { ...connection, authentication };
    const beside = `${path}.${String(process.pid)}.new`;
    writeFileSync(beside, `${JSON.stringify(changed, null, 2)}\n`, { mode: 0o600 });
    renameSync(beside, path);
    chmodSync(path, 0o600);
  } catch (error) {
    const serverText = `${path}: ${error instanceof Error ? error.message : String(error)}`;
    throw new Failure('file-unreadable', { parameters: { file: path }, serverText, cause: error });
  }
}

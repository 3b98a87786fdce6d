/**
 * The token file of a federated credential. Owns: that only a file in a folder the operator named is read, and only
 * a JWT leaves it. Otherwise whoever edits a connection could send any file of the machine to Microsoft.
 */
import { readFile, realpath } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { Failure } from '../../errors/index.js';

const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/u;
const MAX_CHARACTERS = 64 * 1024;

function isBelow(folder: string, file: string): boolean {
  const path = relative(folder, file);
  // "..data" is a name: Kubernetes mounts its tokens there. Only ".." alone leads up.
  return path !== '' && path.split(sep)[0] !== '..' && !isAbsolute(path);
}

/** @throws Failure assertion-unusable */
export async function readAssertion(file: string, folders: readonly string[]): Promise<string> {
  const unusable = (reason: string, cause?: unknown): Failure =>
    new Failure('assertion-unusable', { parameters: { file }, serverText: reason, cause });
  let text: string;
  try {
    // Links are followed first, so that none leads out of the allowed folders.
    const real = await realpath(resolve(file));
    const allowed = await Promise.all(folders.map((folder) => realpath(resolve(folder)).catch(() => '')));
    if (!allowed.some((folder) => folder !== '' && isBelow(folder, real))) {
      throw unusable('not in a folder that the operator allows');
    }
    text = (await readFile(real, 'utf8')).trim();
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw unusable((error as NodeJS.ErrnoException).code ?? 'cannot be read', error);
  }
  if (text.length > MAX_CHARACTERS || !JWT.test(text)) throw unusable('not a JSON Web Token');
  return text;
}

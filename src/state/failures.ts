/**
 * What a database, a driver or a file system says, as a failure of the catalogue. Owns: which place it names.
 * Must not: put what was written, or how one signs in at the database, into a message.
 */
import { Failure, isFailure } from '../errors/index.js';

/**
 * @param place the file, or host and name of the database, as an operator knows it
 * @returns the failure itself, or state-unavailable around anything else
 */
export function stateFailure(error: unknown, place: string): Failure {
  if (isFailure(error)) return error;
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  return new Failure('state-unavailable', {
    parameters: { file: place },
    serverText: code === undefined || message.includes(code) ? message : `${code}: ${message}`,
    cause: error,
  });
}

/** The code of an error of Node.js, libsql or pg: EACCES, SQLITE_BUSY, 40P01. */
export function codeOf(error: unknown): string | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** A package that is not installed, and the command that installs it. */
export function driverFailure(error: unknown, place: string, packages: string): Failure {
  // The second code: libsql without the native package of this platform.
  if (!['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'].includes(codeOf(error) ?? ''))
    return stateFailure(error, place);
  return new Failure('state-unavailable', {
    parameters: { file: place },
    serverText: `A package is not installed that this storage needs: npm install ${packages}`,
    cause: error,
  });
}

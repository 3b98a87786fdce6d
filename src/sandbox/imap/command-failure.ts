/**
 * Why a command was not carried out, in Exchange's own words. Thrown by commands, rendered by the session.
 */

export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly status: 'NO' | 'BAD';

  constructor(status: 'NO' | 'BAD', text: string) {
    super(text);
    this.status = status;
  }
}

/** Exchange's answer to anything malformed or unknown in a command's arguments. */
export function badArgument(): CommandFailure {
  return new CommandFailure('BAD', 'Command Argument Error. 11');
}

export function noSuchFolder(path: string): CommandFailure {
  return new CommandFailure('NO', `${path} doesn't exist.`);
}

export function noTargetFolder(): CommandFailure {
  return new CommandFailure('NO', "[TRYCREATE] The requested folder doesn't exist.");
}

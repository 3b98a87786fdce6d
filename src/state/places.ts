/**
 * Where a person's database and key lie when nobody says otherwise: in two folders, as each platform wants it.
 * Must not: create anything.
 */
import { homedir } from 'node:os';
import { posix, win32 } from 'node:path';

export interface Places {
  readonly database: string;
  readonly key: string;
}

const FOLDER = 'm365-email';
const DATABASE = 'state.db';
const KEY = 'state.key';

/** The XDG specification ignores a relative path. */
function xdg(value: string | undefined, fallback: string): string {
  return value !== undefined && posix.isAbsolute(value) ? value : fallback;
}

/**
 * Linux and others: $XDG_STATE_HOME and $XDG_CONFIG_HOME (XDG Base Directory Specification 0.8). macOS: two folders below
 * ~/Library/Application Support. Windows: %LOCALAPPDATA%, which stays on this machine as a database must, and %APPDATA%.
 */
export function defaultPlaces(
  platform: NodeJS.Platform = process.platform,
  environment: Readonly<Record<string, string | undefined>> = process.env,
  home: string = homedir(),
): Places {
  if (platform === 'win32') {
    const local = environment['LOCALAPPDATA'] ?? win32.join(home, 'AppData', 'Local');
    const roaming = environment['APPDATA'] ?? win32.join(home, 'AppData', 'Roaming');
    return { database: win32.join(local, FOLDER, DATABASE), key: win32.join(roaming, FOLDER, KEY) };
  }
  if (platform === 'darwin') {
    const support = posix.join(home, 'Library', 'Application Support', FOLDER);
    return { database: posix.join(support, 'data', DATABASE), key: posix.join(support, 'config', KEY) };
  }
  const state = xdg(environment['XDG_STATE_HOME'], posix.join(home, '.local', 'state'));
  const config = xdg(environment['XDG_CONFIG_HOME'], posix.join(home, '.config'));
  return { database: posix.join(state, FOLDER, DATABASE), key: posix.join(config, FOLDER, KEY) };
}

/** Opens an address in the user's browser, where there is one. Never fails: the address is shown as well. */
import { spawn } from 'node:child_process';

const OPENERS: Readonly<Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>>> = {
  darwin: ['open'],
  // Not "cmd /c start": it would give & and ^ in the address a meaning.
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
  linux: ['xdg-open'],
};

export function openBrowser(url: string): void {
  const [command, ...first] = OPENERS[process.platform] ?? ['xdg-open'];
  const child = spawn(command, [...first, url], { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
}

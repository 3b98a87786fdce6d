/**
 * Where the command line finds secrets: the environment, a folder of files, or a question on the terminal.
 * Never an argument: those are visible to every process of the machine.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import type { SecretStore } from '../index.js';

export function secretStore(folder: string | undefined): SecretStore {
  const asked = new Map<string, Promise<string | undefined>>();
  return {
    get(name) {
      const variable = `M365_EMAIL_SECRET_${name.toUpperCase().replace(/[^A-Z0-9]/gu, '_')}`;
      const found = process.env[variable] ?? fromFile(folder, name);
      if (found !== undefined) return found;
      let answer = asked.get(name);
      if (answer === undefined) {
        answer = ask(name);
        asked.set(name, answer);
      }
      return answer;
    },
  };
}

function fromFile(folder: string | undefined, name: string): string | undefined {
  if (folder === undefined || !/^[\w.-]+$/u.test(name)) return undefined;
  try {
    return readFileSync(join(folder, name), 'utf8').replace(/\r?\n$/u, '');
  } catch {
    return undefined; // not there: the next source is asked
  }
}

/** Asks without showing what is typed; without a terminal there is nobody to ask. */
function ask(name: string): Promise<string | undefined> {
  if (!process.stdin.isTTY) return Promise.resolve(undefined);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true });
  process.stderr.write(`${name}: `);
  return new Promise((resolve) => {
    lines.question('', (answer) => {
      lines.close();
      process.stderr.write('\n');
      resolve(answer === '' ? undefined : answer);
    });
    lines.once('SIGINT', () => {
      lines.close();
      process.exit(130);
    });
  });
}

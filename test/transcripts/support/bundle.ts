/** Reading bundles, and bringing a sandbox into the situation that one was recorded in. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SANDBOX_SWITCHES } from '../../../src/cli/sandbox-switches.js';
import type { Check, TranscriptBundle } from '../../../src/index.js';
import { packagePath } from '../../../src/manifest/index.js';
import type { Sandbox } from '../../../src/sandbox/index.js';

export type Entry = TranscriptBundle['transcript'][number];
export type Conclusion = TranscriptBundle['checks'][number];

export const FOLDER = packagePath('test/transcripts/bundles');

/** Names of situations → what is done to a sandbox to get there. */
export const SITUATIONS: Readonly<Record<string, (sandbox: Sandbox) => void>> = {
  'all-fine': () => undefined,
  ...Object.fromEntries(
    ['secret-expired', 'role-missing', 'smtp-auth-off', 'imap-off', 'full-access-missing'].map((name) => [
      name,
      (sandbox: Sandbox) => {
        const flip = SANDBOX_SWITCHES[name];
        if (flip === undefined) throw new Error(`The sandbox has no switch ${name}.`);
        flip(sandbox, true);
      },
    ]),
  ),
};

export function bundles(): (readonly [string, TranscriptBundle])[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => [name, JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as TranscriptBundle] as const);
}

export const conclusionOf = ({ stage, transport, status, failure }: Check): Conclusion => ({
  stage,
  ...(transport === undefined ? {} : { transport }),
  status,
  ...(failure === undefined ? {} : { code: failure.code }),
});

/** The entries of one protocol, one list for each connection, in order. */
export function dialogues(entries: readonly Entry[], protocol: Entry['protocol']): Entry[][] {
  const byConnection = new Map<number, Entry[]>();
  for (const entry of entries) {
    if (entry.protocol !== protocol) continue;
    byConnection.set(entry.connection, [...(byConnection.get(entry.connection) ?? []), entry]);
  }
  return [...byConnection.values()];
}

/** Parameters of a recorded sign-in request. */
export function parametersOf(text: string): Map<string, string> {
  const pairs = text
    .split('\n')
    .slice(1)
    .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const);
  return new Map(pairs);
}

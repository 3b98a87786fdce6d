/**
 * `check --record FILE`: the test's conclusions and the dialogues behind them, as one file to look at and hand over.
 * Owns: that file. Must not: write anything that the tap of the network policy has not redacted.
 */
import { closeSync, fchmodSync, openSync, writeSync } from 'node:fs';
import { Failure } from '../errors/index.js';
import type { Check, TranscriptBundle } from '../generated/types.js';
import { loadManifest, type Texts } from '../manifest/index.js';
import { attachTap, type NetPolicy } from '../net/index.js';

export const RECORD_HELP =
  'write the dialogues with the servers to this file, without secrets, content and names, to be handed over';

export interface Recording {
  /** Writes the file anew and returns what to tell the person. @throws Failure file-unreadable */
  write(checks: readonly Check[], texts: Texts): string;
}

interface Settings {
  readonly cloud?: string;
  readonly authentication?: { readonly method?: string };
}

/**
 * For nobody but the owner, also when the file was there before with other rights.
 * @param text undefined only proves that it can be written, and leaves what it holds
 */
function writePrivately(file: string, text?: string): void {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, text === undefined ? 'a' : 'w', 0o600);
    fchmodSync(descriptor, 0o600);
    if (text !== undefined) writeSync(descriptor, text);
  } catch (error) {
    const serverText = `${file}: ${error instanceof Error ? error.message : String(error)}`;
    throw new Failure('file-unreadable', { parameters: { file }, serverText, cause: error });
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function conclusion({ stage, transport, status, failure }: Check): TranscriptBundle['checks'][number] {
  return {
    stage,
    ...(transport === undefined ? {} : { transport }),
    status,
    ...(failure === undefined ? {} : { code: failure.code }),
  };
}

/** What a command works with; `net` is the very object that the connector holds. */
export interface Opened {
  readonly connection: unknown;
  readonly net: NetPolicy;
}

/**
 * From now on, what the command's connector says to servers is recorded.
 * @throws Failure file-unreadable before anything is tested, rather than after
 */
export function openRecording(file: string, { connection, net }: Opened): Recording {
  writePrivately(file);
  const transcript: TranscriptBundle['transcript'] = [];
  attachTap(net, (entry) => void transcript.push(entry));
  const { cloud = 'global', authentication } = connection as Settings;
  return {
    write(checks, texts) {
      const bundle: TranscriptBundle = {
        format: 1,
        productVersion: loadManifest().version,
        recordedAt: new Date().toISOString(),
        origin: Object.keys(net.hosts ?? {}).length > 0 ? 'sandbox' : 'microsoft365',
        method: authentication?.method ?? 'unknown',
        cloud,
        checks: checks.map(conclusion),
        transcript,
      };
      writePrivately(file, `${JSON.stringify(bundle, null, 2)}\n`);
      // For a person who is about to hand the file over.
      return texts.text('cli.recorded', { file, lines: transcript.length });
    },
  };
}

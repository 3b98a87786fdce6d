/** `m365-email send --dry-run`: shows what would be sent, and writes it to files where a folder is named. Must not: send. */
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { asFailure, Failure } from '../errors/index.js';
import type { SendPreview } from '../index.js';
import { EXIT_CODES } from './exit-codes.js';
import { failureLines, styled, type Terminal } from './terminal.js';

type Shown =
  Exclude<SendPreview, { outcome: 'would-send' }> | Omit<SendPreview & { outcome: 'would-send' }, 'source'>;

/** @param folder of the files, one per message, named by position: 0.eml; existing ones are not overwritten */
export async function dryRun(
  previews: AsyncIterable<SendPreview>,
  folder: string | undefined,
  terminal: Terminal,
): Promise<number> {
  const { texts } = terminal;
  if (folder !== undefined) await mkdir(folder, { recursive: true });
  let count = 0;
  for await (const preview of previews) {
    count += 1;
    const { shown, bytes, file } = await taken(preview, folder);
    terminal.emit({
      ...shown,
      ...(bytes === undefined ? {} : { bytes }),
      ...(file === undefined ? {} : { file }),
    });
    if (shown.outcome === 'would-refuse') {
      terminal.say(styled('red', texts.text('cli.dryRun.wouldRefuse')));
      for (const line of failureLines(shown.failure, texts)) terminal.say(`  ${line}`);
      process.exitCode ??= EXIT_CODES[shown.failure.kind];
      continue;
    }
    const size = styled('dim', texts.text('cli.dryRun.size', { bytes: bytes ?? 0 }));
    terminal.say(`${styled('green', texts.text('cli.dryRun.wouldSend'))}  ${shown.messageId}  ${size}`);
    terminal.say(`  ${shown.from} → ${shown.recipients.join(', ')}`);
    if (file !== undefined) terminal.say(`  ${file}`);
    if (shown.before === 'accepted') terminal.say(`  ${styled('yellow', texts.text('cli.dryRun.repeated'))}`);
  }
  if (count > 0) terminal.progress(texts.text('cli.dryRun.nothingSent'));
  return count;
}

/** Reads the message to its end, which is part of the trial: an attachment may break off. */
async function taken(
  preview: SendPreview,
  folder: string | undefined,
): Promise<{ shown: Shown; bytes?: number; file?: string }> {
  if (preview.outcome === 'would-refuse') return { shown: preview };
  const { source, ...shown } = preview;
  const file = folder === undefined ? undefined : join(folder, `${String(preview.index)}.eml`);
  let bytes = 0;
  const counted = async function* (): AsyncGenerator<Buffer> {
    for await (const piece of source) {
      bytes += piece.length;
      yield piece;
    }
  };
  try {
    const target =
      file === undefined
        ? new Writable({ write: (_piece, _encoding, done) => done() })
        : createWriteStream(file, { flags: 'wx', mode: 0o600 });
    await pipeline(counted(), target);
    return { shown, bytes, ...(file === undefined ? {} : { file }) };
  } catch (error) {
    return {
      shown: { index: preview.index, outcome: 'would-refuse', failure: failureOf(error, file).toJSON() },
    };
  }
}

function failureOf(error: unknown, file: string | undefined): Failure {
  const { code, syscall } = error as { code?: unknown; syscall?: unknown };
  if (file === undefined || typeof syscall !== 'string') return asFailure(error);
  return new Failure('file-unwritable', { parameters: { file }, serverText: String(code), cause: error });
}

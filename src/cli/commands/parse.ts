/** `m365-email parse`: the records of messages that lie in files, as Read Email would make them. */
import { createReadStream } from 'node:fs';
import type { Command } from 'commander';
import { Failure } from '../../errors/index.js';
import { parseMessageSource } from '../../index.js';
import { collectSetting, parseLanguage, readJsonFile } from '../options.js';
import { openTerminal } from '../terminal.js';

interface ParseOptions {
  readonly config?: string;
  readonly set: Record<string, unknown>;
  readonly language?: string;
}

/** Large enough that decoding and not reading takes the time. */
const PIECE_BYTES = 256 * 1024;

async function* piecesOf(file: string): AsyncGenerator<Buffer> {
  const stream = file === '-' ? process.stdin : createReadStream(file, { highWaterMark: PIECE_BYTES });
  try {
    for await (const piece of stream) yield piece as Buffer;
  } catch (cause) {
    const serverText = cause instanceof Error ? cause.message : String(cause);
    throw new Failure('file-unreadable', { parameters: { file }, serverText, cause });
  }
}

export function addParseCommand(program: Command): void {
  program
    .command('parse')
    .description(
      'Write the records of messages in files (.eml), one JSON line per file. No connection is needed.',
    )
    .argument('[files...]', 'files with one message each; "-", or none, for standard input')
    .option('--config <file>', 'JSON file with settings of Read Email that shape a record')
    .option('--set <field=value>', 'one of these settings; may be repeated', collectSetting, {})
    .option('--language <language>', 'en, de or es; default: that of the environment', parseLanguage)
    .addHelpText(
      'after',
      `
A record has all that the message itself tells, and "file"; what only a mailbox tells, such as flags, it has not.
Attachments over the setting "inlineContentLimit" are listed without content.
A file that cannot be read is reported, and the others are parsed all the same.

Examples:
  m365-email parse message.eml
  m365-email parse --set textFromHtml=true --set nestedMessages=expand *.eml`,
    )
    .action(async (files: string[], options: ParseOptions) => {
      const terminal = openTerminal({ ...options, json: true });
      try {
        const fromFile =
          options.config === undefined ? {} : (readJsonFile(options.config) as Record<string, unknown>);
        const settings = { ...fromFile, ...options.set };
        for (const file of files.length === 0 ? ['-'] : files) {
          try {
            terminal.emit({ file, ...(await parseMessageSource(piecesOf(file), settings)) });
          } catch (error) {
            // Only the file is at fault; wrong settings are wrong for all.
            if (!(error instanceof Failure) || error.code !== 'file-unreadable') throw error;
            terminal.fail(error);
          }
          await terminal.flushed();
        }
      } catch (error) {
        terminal.fail(error);
      }
    });
}

/**
 * What goes where: results on stdout (text, or one JSON value per line with --json), progress and failures on stderr.
 * Owns: colours, the way a failure is written, and the exit code that goes with it.
 */
import { styleText } from 'node:util';
import { asFailure } from '../errors/index.js';
import type { FailureReport } from '../generated/types.js';
import { renderFailure, textsIn, type Texts } from '../manifest/index.js';
import { EXIT_CODES } from './exit-codes.js';

export interface Terminal {
  readonly json: boolean;
  readonly texts: Texts;
  /** One line of result for a person; nothing with --json. */
  say(line?: string): void;
  /** One result for a program, with --json only. */
  emit(value: unknown): void;
  /** Resolves once everything written has left; ends the process when nobody reads any more. */
  flushed(): Promise<void>;
  /** Progress, on stderr, for people only. */
  progress(line: string): void;
  /** Writes a failure, thrown or as data, and notes its exit code. */
  fail(failure: unknown): void;
}

type Style = Parameters<typeof styleText>[0];

/** Colour where the stream is a terminal and the user has not switched it off (NO_COLOR). */
export function styled(style: Style, text: string, stream: NodeJS.WriteStream = process.stdout): string {
  return stream.isTTY && process.env['NO_COLOR'] === undefined ? styleText(style, text) : text;
}

/** The user's language: --language, else the environment's, else English. */
export function languageOf(chosen: string | undefined): string {
  const { LC_ALL, LC_MESSAGES, LANG } = process.env;
  return (
    chosen ??
    [LC_ALL, LC_MESSAGES, LANG].find((value) => value !== undefined && value !== '')?.slice(0, 2) ??
    'en'
  );
}

/** Failures found on this machine: what they quote was said by its system, and by no server. */
const OF_THIS_MACHINE =
  /^(?:file-unreadable|state-.*|certificate-unusable|assertion-unusable|settings-invalid)$/u;

/** The lines that tell a person about a failure. */
export function failureLines(failure: FailureReport, texts: Texts): string[] {
  const { title, cause, remedy, actor, problems, settling, inference, docs } = renderFailure(failure, texts);
  const label = (key: string): string => texts.text(`cli.${key}`);
  return [
    title,
    `  ${label('cause')}: ${cause}`,
    `  ${label('remedy')}: ${remedy}`,
    ...problems.map((problem) => `    - ${problem}`),
    ...[settling, inference].filter((line) => line !== undefined).map((line) => `  ${line}`),
    `  ${label('actor')}: ${actor}`,
    ...(failure.serverText === undefined
      ? []
      : [
          `  ${label(OF_THIS_MACHINE.test(failure.code) ? 'systemText' : 'serverText')}: ${failure.serverText}`,
        ]),
    ...(failure.retryAfterMs === undefined
      ? []
      : [`  ${label('retryAfter')}: ${String(Math.ceil(failure.retryAfterMs / 1000))} s`]),
    ...(failure.correlationId === undefined ? [] : [`  ${label('correlationId')}: ${failure.correlationId}`]),
    `  ${label('code')}: ${[failure.code, failure.reply].filter((id) => id !== undefined).join(', ')} (${failure.kind})`,
    ...(docs === undefined ? [] : [`  ${label('docs')}: ${docs}`]),
  ];
}

function isReport(value: unknown): value is FailureReport {
  return (
    typeof value === 'object' &&
    value !== null &&
    !(value instanceof Error) &&
    'kind' in value &&
    'actor' in value
  );
}

/** A reader that goes away (`| head`) ends us at once: what it has not seen must not be settled. */
function endWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? EXIT_CODES.ok : EXIT_CODES.internal);
  });
}

export function openTerminal(options: { readonly json?: boolean; readonly language?: string }): Terminal {
  endWithReader();
  const json = options.json === true;
  const texts = textsIn(languageOf(options.language));
  return {
    json,
    texts,
    say(line = '') {
      if (!json) process.stdout.write(`${line}\n`);
    },
    emit(value) {
      if (json) process.stdout.write(`${JSON.stringify(value)}\n`);
    },
    flushed: () =>
      new Promise((resolve) => {
        process.stdout.write('', () => resolve());
      }),
    progress(line) {
      process.stderr.write(`${styled('dim', line, process.stderr)}\n`);
    },
    fail(thrown) {
      const report = isReport(thrown) ? thrown : asFailure(thrown).toJSON();
      if (json) process.stdout.write(`${JSON.stringify({ failure: report })}\n`);
      const [title = '', ...rest] = failureLines(report, texts);
      process.stderr.write(`${styled('red', title, process.stderr)}\n${rest.join('\n')}\n`);
      process.exitCode = EXIT_CODES[report.kind];
    },
  };
}

/**
 * CSV attachments as data (RFC 4180 and what spreadsheets write). Owns: which delimiter, what a header row means.
 * Values stay text: whether 007 or 1.234 is a number, and which, only the receiver knows.
 */
import type { parse as Parse } from 'csv-parse/sync';
import { cleanText } from '../mime/charset.js';
import { MAX_DATA_LENGTH, problem, withoutMark, type ParsedData } from './data.js';
import { Warnings } from './warnings.js';

export interface CsvOptions {
  /** Default: the one of , ; tab | that parts the first lines best. */
  readonly delimiter?: string | undefined;
  /** Whether the first row names the columns. Default: true. */
  readonly header?: boolean | undefined;
  /** Rows beyond are left out. Default: 100,000. */
  readonly maxRows?: number | undefined;
}

export interface CsvData {
  readonly delimiter: string;
  /** Names made unique ("Name", "Name_2"), empty ones called column_N; null without a header row. */
  readonly columns: readonly string[] | null;
  /** Objects by column name with a header row, arrays without. */
  readonly rows: readonly (Readonly<Record<string, string>> | readonly string[])[];
}

const DELIMITERS = [',', ';', '\t', '|'];
const MAX_ROWS = 100_000;
const MAX_COLUMNS = 5000;
const MAX_CELLS = 1_000_000;
/** As much is looked at for the delimiter. */
const SAMPLE = 64 * 1024;
const SAMPLE_LINES = 20;

let library: Promise<typeof Parse> | undefined;

export async function parseCsv(text: string, options: CsvOptions = {}): Promise<ParsedData<CsvData>> {
  if (text.length > MAX_DATA_LENGTH) return problem('too-large', text.length);
  const csv = cleanText(withoutMark(text));
  if (csv.trim() === '') return problem('empty');
  const warnings = new Warnings();
  const stated = statedDelimiter(csv);
  const delimiter = options.delimiter ?? stated?.delimiter ?? detectDelimiter(csv);
  if (delimiter.length !== 1 || delimiter === '"') return problem('delimiter', delimiter);
  const limit = options.maxRows ?? MAX_ROWS;
  library ??= import('csv-parse/sync').then(({ parse }) => parse);
  const parse = await library;
  let cells = 0;
  let records: string[][];
  try {
    records = parse(stated === undefined ? csv : csv.slice(stated.length), {
      delimiter,
      record_delimiter: ['\r\n', '\n', '\r'],
      relax_quotes: true,
      relax_column_count: true,
      skip_empty_lines: true,
      // One row for the header, one to know that there were more.
      to: limit + 2,
      on_record: (record: string[]) => {
        cells += record.length;
        if (cells > MAX_CELLS || record.length > MAX_COLUMNS) throw new TooMany();
        return record;
      },
    });
  } catch (error) {
    return error instanceof TooMany ? problem('too-many-values') : problem('malformed', codeOf(error));
  }
  const withHeader = options.header ?? true;
  const columns = withHeader ? columnNames(records[0] ?? []) : null;
  const rows = withHeader ? records.slice(1) : records;
  if (rows.length > limit) warnings.add('rows-left-out', limit);
  const width = columns?.length ?? rows[0]?.length ?? 0;
  if (rows.some((row) => row.length !== width)) warnings.add('rows-of-different-length');
  const kept = rows.slice(0, limit);
  return {
    data: {
      delimiter,
      columns,
      rows: columns === null ? kept : kept.map((row) => byColumn(columns, row)),
    },
    warnings: warnings.list,
  };
}

class TooMany extends Error {}

/** The library's code, never its message: that quotes the content. */
function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Excel's own first line: sep=; */
function statedDelimiter(csv: string): { delimiter: string; length: number } | undefined {
  const found = /^sep=(.)(?:\r\n|\n|\r)/iu.exec(csv.slice(0, 10));
  return found?.[1] === undefined ? undefined : { delimiter: found[1], length: found[0].length };
}

/** Counted outside of quotes: the one that comes equally often in most of the first lines, and most often. */
function detectDelimiter(csv: string): string {
  const lines: number[][] = [];
  let counts = DELIMITERS.map(() => 0);
  let quoted = false;
  for (const sign of csv.slice(0, SAMPLE)) {
    if (sign === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (sign === '\n' || sign === '\r') {
      if (counts.some((count) => count > 0)) lines.push(counts);
      counts = DELIMITERS.map(() => 0);
      if (lines.length >= SAMPLE_LINES) break;
    } else {
      const index = DELIMITERS.indexOf(sign);
      if (index !== -1) counts[index] = (counts[index] ?? 0) + 1;
    }
  }
  if (lines.length < SAMPLE_LINES) lines.push(counts);
  let best = { delimiter: ',', score: 0 };
  for (const [index, delimiter] of DELIMITERS.entries()) {
    const first = lines[0]?.[index] ?? 0;
    const equal = lines.filter((line) => line[index] === first).length;
    const score = first === 0 ? 0 : equal * 1000 + Math.min(first, 999);
    if (score > best.score) best = { delimiter, score };
  }
  return best.delimiter;
}

function columnNames(header: readonly string[]): string[] {
  const used = new Set<string>();
  return header.map((stated, index) => {
    const base =
      stated.trim() === '' || stated.trim() === '__proto__' ? `column_${index + 1}` : stated.trim();
    let name = base;
    // At most as many tries as there are columns of that name, and columns are limited.
    for (let count = 2; used.has(name); count++) name = `${base}_${count}`;
    used.add(name);
    return name;
  });
}

/** Cells beyond the header row get names of their own: nothing is lost. */
function byColumn(columns: readonly string[], row: readonly string[]): Record<string, string> {
  return Object.fromEntries([
    ...columns.map((name, index): [string, string] => [name, row[index] ?? '']),
    ...row.slice(columns.length).map((cell, index): [string, string] => [extra(columns, index), cell]),
  ]);
}

function extra(columns: readonly string[], index: number): string {
  const name = `column_${columns.length + index + 1}`;
  return columns.includes(name) ? `${name}_extra` : name;
}

/**
 * Liquid, as far as a message needs it. Owns: the limits, what is escaped, and what of the library's words is told. Must not:
 * reach a file or another template; take a record's value for a template.
 */
import type * as Library from 'liquidjs';
import type { FilterImplOptions, Liquid, Template } from 'liquidjs';
import { Failure, type FailureCode } from '../../errors/index.js';

/** In HTML everything that a template puts out is escaped, unless its last filter is `raw`. */
export type Escaping = 'html' | 'none';

/** A template that was understood. */
export interface Compiled {
  /** @throws Failure template-data-missing, template-data-unusable, template-limit-reached */
  fill(data: Readonly<Record<string, unknown>>): string;
}

const MAX_TEMPLATE = 1_000_000;
/** What comes out is a body of a mail. */
const MAX_RESULT = 16 * 1024 * 1024;
/** Milliseconds. Nothing else of the process runs meanwhile. */
const MAX_TIME_MS = 2000;
/** Characters and list entries that filters make, in all. */
const MAX_MADE = 10_000_000;

/** They read other templates, of which there are none. */
const TAGS_LEFT_OUT = ['include', 'render', 'layout', 'block'];

/** What a filter is called on. */
type FilterHandler = Extract<FilterImplOptions, (...given: never[]) => unknown>;

const loadLibrary = () => import('liquidjs');
let library: ReturnType<typeof loadLibrary> | undefined;

/**
 * @param field named by failures
 * @throws Failure template-invalid
 */
export async function compileTemplate(source: string, field: string, escaping: Escaping): Promise<Compiled> {
  // Loaded at first use: most activities do without.
  const { Liquid: Engine, LiquidError } = await (library ??= loadLibrary());
  const engine = engineFor(Engine, escaping);
  let templates: Template[];
  try {
    templates = engine.parse(source);
  } catch (error) {
    throw told(error, LiquidError, field, 'template-invalid');
  }
  return {
    fill: (data) => {
      let result: string;
      try {
        result = engine.renderSync(templates, { ...data }) as string;
      } catch (error) {
        throw told(error, LiquidError, field, 'template-data-unusable');
      }
      // Its length is known before its pieces are put together in memory.
      if (result.length <= MAX_RESULT) return result;
      throw new Failure('template-limit-reached', { parameters: { field } });
    },
  };
}

function engineFor(Engine: typeof Library.Liquid, escaping: Escaping): Liquid {
  const engine = new Engine({
    // No file is looked for: this is all there is.
    templates: {},
    strictFilters: true,
    strictVariables: true,
    lenientIf: true,
    ownPropertyOnly: true,
    parseLimit: MAX_TEMPLATE,
    renderLimit: MAX_TIME_MS,
    memoryLimit: MAX_MADE,
    // The machine's own would make another message of the same record.
    timezoneOffset: 0,
    locale: 'en-US',
    dateFormat: '%Y-%m-%d %H:%M',
    outputEscape: escaping === 'html' ? (value) => escapedHtml(shown(value)) : shown,
  });
  for (const tag of TAGS_LEFT_OUT) Reflect.deleteProperty(engine.tags, tag);
  engine.registerFilter('date', withZone(engine.filters['date']));
  engine.registerFilter('number', numberAs);
  if (escaping === 'html') {
    for (const name of ['escape', 'xml_escape', 'escape_once', 'newline_to_br'])
      engine.registerFilter(name, safe(engine.filters[name], name === 'newline_to_br'));
  }
  return engine;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
};

export function escapedHtml(text: string): string {
  return text.replace(/[&<>"']/gu, (sign) => ESCAPES[sign] ?? sign);
}

/** As the engine writes it, but for objects, which would be "[object Object]" in the mail. */
function shown(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return value.map(shown).join('');
  if (typeof value === 'object' || typeof value === 'function') throw new Error('an object has no text');
  return typeof value === 'number'
    ? String(value)
    : typeof value === 'string'
      ? value
      : JSON.stringify(value);
}

const handlerOf = (filter: FilterImplOptions | undefined): FilterHandler => {
  if (filter === undefined) throw new Error('the library lacks a filter');
  return typeof filter === 'function' ? filter : filter.handler;
};

/** What these filters make of a value is HTML that needs no further escaping. */
function safe(filter: FilterImplOptions | undefined, escapeFirst: boolean): FilterImplOptions {
  const handler = handlerOf(filter);
  return {
    raw: true,
    handler(value: unknown): unknown {
      return handler.call(this, escapeFirst ? escapedHtml(shown(value)) : shown(value)) as unknown;
    },
  };
}

/** A time without a zone is UTC, as everywhere in the product, not that of the machine. */
function withZone(filter: FilterImplOptions | undefined): FilterHandler {
  const handler = handlerOf(filter);
  return function (value: unknown, ...rest: unknown[]): unknown {
    const bare =
      typeof value === 'string' && /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?$/u.test(value);
    return handler.call(this, bare ? `${value.replace(' ', 'T')}Z` : value, ...rest) as unknown;
  };
}

/** `{{ total | number: "de-DE", 2 }}` is 1.234,50. */
function numberAs(value: unknown, locale: unknown = 'en-US', digits?: unknown): string {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number' || Number.isNaN(number)) throw new Error('not a number');
  const places =
    typeof digits === 'number' ? { minimumFractionDigits: digits, maximumFractionDigits: digits } : {};
  return new Intl.NumberFormat(String(locale), places).format(number);
}

/** The library names an error by its class, and what it limits by its words. */
function told(
  error: unknown,
  LiquidError: typeof Library.LiquidError,
  field: string,
  code: FailureCode,
): Failure {
  if (!LiquidError.is(error))
    return new Failure(code, { parameters: { field, line: 1, column: 1 }, cause: error });
  const { originalError, token } = error as {
    originalError?: Error & { variableName?: unknown };
  } & typeof error;
  const [line, column] = token.getPosition() as [number, number];
  const place = { field, line, column };
  // Its message may hold values of the record; that of a template that was not understood holds the template.
  if (code === 'template-invalid')
    return new Failure(code, { parameters: place, serverText: error.message, cause: error });
  const variable = originalError?.variableName;
  if (typeof variable === 'string')
    return new Failure('template-data-missing', { parameters: { ...place, variable } });
  if (originalError?.name === 'AssertionError' && originalError.message.endsWith('limit exceeded'))
    return new Failure('template-limit-reached', { parameters: place });
  return new Failure(code, { parameters: place });
}

/**
 * Texts in the reader's language. Owns: look-up by dotted key, parameters, dates and sizes.
 * Must not: hold a text; all come from the connector's locale files through the server.
 */
export interface TextTree {
  readonly [key: string]: string | TextTree;
}

export type Parameters = Readonly<Record<string, string | number | boolean>>;

export interface Texts {
  readonly language: string;
  find(key: string, parameters?: Parameters): string | undefined;
  /** A missing text shows as its key. */
  text(key: string, parameters?: Parameters): string;
  /** A text of the page itself. */
  own(key: string, parameters?: Parameters): string;
  moment(instant: string): string;
  /** The date alone. */
  day(instant: string): string;
  size(bytes: number): string;
  duration(milliseconds: number): string;
}

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;

export function createTexts(tree: TextTree, language: string): Texts {
  const find: Texts['find'] = (key, parameters = {}) => {
    let node: string | TextTree | undefined = tree;
    for (const segment of key.split('.')) {
      if (node === undefined || typeof node === 'string' || !Object.hasOwn(node, segment)) return undefined;
      node = node[segment];
    }
    return typeof node !== 'string'
      ? undefined
      : node.replace(/\{(\w+)\}/gu, (whole, name: string) =>
          Object.hasOwn(parameters, name) ? String(parameters[name]) : whole,
        );
  };
  const text: Texts['text'] = (key, parameters) => find(key, parameters) ?? key;
  const moments = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' });
  const days = new Intl.DateTimeFormat(language, { dateStyle: 'medium' });
  const calendarDays = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone: 'UTC' });
  return {
    language,
    find,
    text,
    own: (key, parameters) => text(`workbench.${key}`, parameters),
    // A date without a time is one of the calendar, the same everywhere.
    day: (instant) => (instant.includes('T') ? days : calendarDays).format(new Date(instant)),
    moment: (instant) => moments.format(new Date(instant)),
    size(bytes) {
      const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3));
      const unit = UNITS[power] ?? 'byte';
      return new Intl.NumberFormat(language, {
        style: 'unit',
        unit,
        unitDisplay: power === 0 ? 'long' : 'short',
        maximumFractionDigits: power < 2 ? 0 : 1,
      }).format(bytes / 1000 ** power);
    },
    duration: (milliseconds) =>
      milliseconds < 1000
        ? `${milliseconds} ms`
        : `${new Intl.NumberFormat(language, { maximumFractionDigits: 1 }).format(milliseconds / 1000)} s`,
  };
}

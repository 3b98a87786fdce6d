/**
 * Which inline styles of foreign HTML stay: colours, fonts, sizes, spacing, borders. Owns: the list. Nothing that loads,
 * covers what is around the message, or runs. Must not: know elements.
 */

const PROPERTIES = new Set(
  (
    'color background-color direction text-align vertical-align text-decoration text-indent text-transform ' +
    'line-height letter-spacing white-space word-break word-wrap overflow-wrap list-style-type ' +
    'font-family font-size font-style font-weight font-variant ' +
    'width max-width min-width height max-height min-height display table-layout ' +
    'margin margin-top margin-right margin-bottom margin-left ' +
    'padding padding-top padding-right padding-bottom padding-left ' +
    'border border-top border-right border-bottom border-left border-color border-style border-width ' +
    'border-radius border-collapse border-spacing'
  ).split(' '),
);

const FUNCTIONS = new Set(['rgb', 'rgba', 'hsl', 'hsla']);
const MAX_VALUE = 200;

/** Letters, digits and the few signs that values of the properties above need: no backslash, no at-sign, no comment. */
function plainValue(value: string): boolean {
  if (value === '' || value.length > MAX_VALUE || !/^[\p{L}\p{N} \t\r\n#%.,()'"+!-]+$/u.test(value))
    return false;
  // A negative margin moves content over what is around it.
  if (/(?:^|[\s,(])-[\d.]/u.test(value)) return false;
  for (const [, name] of value.matchAll(/([\w-]*)\(/gu))
    if (!FUNCTIONS.has((name ?? '').toLowerCase())) return false;
  return true;
}

/** The declarations that may stay; empty when there is none. */
export function filterStyle(style: string): string {
  const kept: string[] = [];
  for (const declaration of style.split(';')) {
    const colon = declaration.indexOf(':');
    if (colon === -1) continue;
    const name = declaration.slice(0, colon).trim().toLowerCase();
    const value = declaration.slice(colon + 1).trim();
    if (PROPERTIES.has(name) && plainValue(value)) kept.push(`${name}:${value}`);
  }
  return kept.join(';');
}

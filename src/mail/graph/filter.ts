/**
 * Conditions as $filter expressions (OData URL Conventions section 5.1.1), by the rules that Graph has for messages:
 * what is sorted by must stand first in the filter, in the same order.
 * https://learn.microsoft.com/graph/api/user-list-messages
 */
import type { Condition } from '../reading.js';

/** Earlier than any message; lets receivedDateTime stand first when no condition names it. */
const BEGINNING = new Date(0);

/** A string literal: quotes are doubled. */
const text = (value: string): string => `'${value.replaceAll("'", "''")}'`;

/** To the second, as Graph gives them. */
export const instant = (date: Date): string => `${date.toISOString().slice(0, 19)}Z`;

/** The last instant that four digits for a year can say. */
const END = Date.parse('9999-12-31T23:59:59Z');

/** The smallest whole second that is not before the instant: both bounds mean the same for whole seconds. */
const ceiling = (date: Date): Date =>
  new Date(Math.min(END, Math.max(0, Math.ceil(date.getTime() / 1000) * 1000)));

function within(
  property: string,
  { since, before }: { since?: Date | undefined; before?: Date | undefined },
) {
  const bounds = [
    ...(since === undefined ? [] : [`${property} ge ${instant(ceiling(since))}`]),
    ...(before === undefined || before.getTime() > END ? [] : [`${property} lt ${instant(ceiling(before))}`]),
  ];
  return bounds.length === 0 ? undefined : bounds.join(' and ');
}

/** The expression for one condition; undefined where Graph has none that loses no message. */
export function clauseOf(condition: Condition): string | undefined {
  switch (condition.field) {
    case 'readState':
      return `isRead eq ${String(condition.is === 'read')}`;
    case 'flagged':
      return `flag/flagStatus ${condition.is ? 'eq' : 'ne'} 'flagged'`;
    case 'importance':
      return `importance eq '${condition.is}'`;
    case 'received':
      return within('receivedDateTime', condition);
    case 'sent':
      return within('sentDateTime', condition);
    case 'subject':
      return condition.contains === '' ? undefined : `contains(subject,${text(condition.contains)})`;
    case 'from': {
      // What is looked for may reach from the name into the address, as in "Anna Baker <anna": no property holds both.
      if (condition.contains === '' || /[<>]|\s$/u.test(condition.contains)) return undefined;
      const wanted = text(condition.contains);
      return `(contains(from/emailAddress/address,${wanted}) or contains(from/emailAddress/name,${wanted}))`;
    }
    case 'raw':
      return `(${condition.expression})`;
    default:
      return undefined;
  }
}

/** Whether the condition only preselects, so that it can be left out when Graph finds the filter too complex. */
export const isOptional = ({ field }: Condition): boolean => field === 'from' || field === 'subject';

/**
 * The filter for a list that is sorted by arrival.
 * @param bound where the list goes on: a bound on receivedDateTime
 */
export function filterOf(conditions: readonly Condition[], bound: string | undefined): string {
  const received = conditions.filter(({ field }) => field === 'received').map(clauseOf);
  const others = conditions.filter(({ field }) => field !== 'received').map(clauseOf);
  const first = [...(bound === undefined ? [] : [bound]), ...received].filter(
    (clause) => clause !== undefined,
  );
  return [
    ...(first.length === 0 ? [`receivedDateTime ge ${instant(BEGINNING)}`] : first),
    ...others.filter((clause) => clause !== undefined),
  ].join(' and ');
}

/** Whether quotes and parentheses of an expression are closed within it. */
export function isClosed(expression: string): boolean {
  let depth = 0;
  let isQuoted = false;
  for (const letter of expression) {
    if (letter === "'") isQuoted = !isQuoted;
    else if (!isQuoted && letter === '(') depth += 1;
    else if (!isQuoted && letter === ')') depth -= 1;
    if (depth < 0) return false;
  }
  return depth === 0 && !isQuoted && expression.trim() !== '';
}

/**
 * Reads the query options of a list: $select, $filter, $orderby, $top, $skip. What is not known here is refused, never
 * passed over.
 */
import type { Filter } from './filter.js';
import { readFilter } from './filter.js';
import { badRequest, GraphError, unsupportedQuery } from './graph-error.js';

export interface ListQuery {
  readonly select: readonly string[] | undefined;
  readonly filter: Filter | undefined;
  readonly descending: boolean;
  readonly top: number;
  readonly skip: number;
}

const DEFAULT_TOP = 10;
const MAX_TOP = 1000;

/** @throws GraphError for an option that is not among these */
export function onlyOptions(query: URLSearchParams, allowed: readonly string[]): void {
  for (const name of query.keys()) {
    if (!allowed.includes(name)) throw unsupportedQuery(`The query parameter '${name}' is not supported.`);
  }
}

export function readSelect(
  query: URLSearchParams,
  isProperty: (name: string) => boolean,
): readonly string[] | undefined {
  const value = query.get('$select');
  if (value === null) return undefined;
  const names = value.split(',').map((name) => name.trim());
  for (const name of names) {
    if (!isProperty(name)) throw badRequest(`Could not find a property named '${name}'.`);
  }
  return names;
}

export function readCount(query: URLSearchParams, name: string, fallback: number, least: number): number {
  const value = query.get(name);
  if (value === null) return fallback;
  const count = Number(value);
  if (!Number.isSafeInteger(count) || count < least) {
    throw badRequest(`Invalid value '${value}' for ${name} query option found.`);
  }
  return count;
}

export function readListQuery(query: URLSearchParams, isProperty: (name: string) => boolean): ListQuery {
  onlyOptions(query, ['$select', '$filter', '$orderby', '$top', '$skip']);
  const top = readCount(query, '$top', DEFAULT_TOP, 1);
  if (top > MAX_TOP) throw unsupportedQuery(`The limit of '${MAX_TOP}' for Top query has been exceeded.`);
  const filterText = query.get('$filter');
  const filter = filterText === null ? undefined : readFilter(filterText);
  const order = query.get('$orderby');
  const [property = '', direction = 'asc'] = (order ?? 'receivedDateTime desc').trim().split(/\s+/u);
  if (property !== 'receivedDateTime' || !['asc', 'desc'].includes(direction)) {
    throw badRequest(`The $orderby of '${order ?? ''}' is not supported.`);
  }
  // What is sorted by must be filtered by as well, and stand first in the filter.
  if (order !== null && filter !== undefined && filter.properties[0] !== property) {
    throw new GraphError(
      400,
      'InefficientFilter',
      'The restriction or sort order is too complex for this operation.',
    );
  }
  return {
    select: readSelect(query, isProperty),
    filter,
    descending: direction === 'desc',
    top,
    skip: readCount(query, '$skip', 0, 0),
  };
}

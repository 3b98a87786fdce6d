/**
 * The data that the fix-kit rests on: catalogue/permissions.json and catalogue/features.json. Owns: reading and looking
 * up. Must not: hold a permission or a right of its own.
 */
import { readFileSync } from 'node:fs';
import { packagePath } from '../manifest/index.js';
import type {
  CataloguedFeature,
  CataloguedPermission,
  FeatureCatalogue,
  FeatureRights,
  PermissionCatalogue,
  PermissionResource,
} from '../generated/types.js';

export type ExchangeGrant = FeatureRights['exchange'][number];

let permissions: PermissionCatalogue | undefined;
let features: FeatureCatalogue | undefined;

function read(file: string): unknown {
  return JSON.parse(readFileSync(packagePath(file), 'utf8')) as unknown;
}

export function permissionCatalogue(): PermissionCatalogue {
  return (permissions ??= read('catalogue/permissions.json') as PermissionCatalogue);
}

export function featureCatalogue(): readonly CataloguedFeature[] {
  return (features ??= read('catalogue/features.json') as FeatureCatalogue).features;
}

/** A resource (an API) by the name that permissions refer to it with. */
export function resourceOf({ resource }: Pick<CataloguedPermission, 'resource'>): PermissionResource {
  const found = permissionCatalogue().resources.find(({ id }) => id === resource);
  if (found === undefined) throw new Error(`catalogue/permissions.json lacks the resource ${resource}`);
  return found;
}

/** A permission by its id, resource/kind/permission. */
export function findPermission(id: string): CataloguedPermission | undefined {
  return permissionCatalogue().permissions.find((one) => one.id === id);
}

export interface RightsQuery {
  readonly identity: 'app' | 'user';
  readonly method: string;
  readonly transports: readonly string[];
  /** Those over which an activity changes messages after reading; default: none. */
  readonly changingOver?: readonly string[];
  /** Whether messages come from another address than the mailbox; default: no. */
  readonly sendsAs?: boolean;
  /** Whether files over 2 MB are sent; default: no. */
  readonly largeFiles?: boolean;
  /** Whose mailboxes a user opens; default: the own one. */
  readonly mailboxes?: readonly ('own' | 'foreign')[];
}

/** What the features of these transports need together: each right once, in the order of the catalogue. */
export function rightsFor(query: RightsQuery): {
  readonly permissions: readonly CataloguedPermission[];
  readonly grants: ReadonlySet<ExchangeGrant>;
} {
  const { identity, method, transports, changingOver = [], mailboxes = ['own'] } = query;
  const wanted = { 'send-as': query.sendsAs === true, 'large-files': query.largeFiles === true };
  const rights = featureCatalogue()
    .filter(({ when }) => when === undefined || wanted[when])
    .flatMap(({ changes, rights }) =>
      changes === true ? rights.filter(({ transport }) => changingOver.includes(transport)) : rights,
    )
    .filter(
      (right) =>
        right.identity === identity &&
        transports.includes(right.transport) &&
        (right.methods === undefined || right.methods.includes(method)) &&
        (right.mailbox === undefined || mailboxes.includes(right.mailbox)),
    );
  const tokens = new Set(rights.flatMap(({ token }) => token));
  const needed = permissionCatalogue().permissions.filter(({ id }) => tokens.has(id));
  const included = new Set(needed.flatMap(({ includes = [] }) => includes));
  return {
    permissions: needed.filter(({ id }) => !included.has(id)),
    grants: new Set(rights.flatMap(({ exchange }) => exchange)),
  };
}

/** A plan as the Microsoft Graph JSON of an app registration. Must not: hold a credential. */
import type { CataloguedPermission } from '../generated/types.js';
import { resourceOf } from './catalogue.js';
import type { SetupPlan } from './plan.js';

export interface AppManifest {
  readonly displayName: string;
  readonly signInAudience: SetupPlan['audience'];
  readonly isFallbackPublicClient: boolean;
  readonly web: { readonly redirectUris: readonly string[] };
  readonly publicClient: { readonly redirectUris: readonly string[] };
  readonly requiredResourceAccess: readonly {
    readonly resourceAppId: string;
    readonly resourceAccess: readonly { readonly id: string; readonly type: 'Role' | 'Scope' }[];
  }[];
}

export interface RenderedManifest {
  /** For `az rest --method POST --url …/v1.0/applications --body @file`, or New-MgApplication -BodyParameter. */
  readonly manifest: AppManifest;
  /** Where each id is from; what is `unconfirmed` should be compared with the portal before it is relied on. */
  readonly provenance: readonly Pick<CataloguedPermission, 'permission' | 'guid' | 'provenance'>[];
}

export function renderAppManifest(plan: SetupPlan): RenderedManifest {
  const uris = (type: string): string[] =>
    plan.redirectUris.filter((redirect) => redirect.type === type).map(({ uri }) => uri);
  const resources = [...new Set(plan.permissions.map((one) => resourceOf(one).appId))];
  return {
    manifest: {
      displayName: plan.appName,
      signInAudience: plan.audience,
      isFallbackPublicClient: plan.publicClient,
      web: { redirectUris: uris('web') },
      publicClient: { redirectUris: uris('publicClient') },
      requiredResourceAccess: resources.map((resourceAppId) => ({
        resourceAppId,
        resourceAccess: plan.permissions
          .filter((one) => resourceOf(one).appId === resourceAppId)
          .map(({ guid, kind }) => ({ id: guid, type: kind === 'application' ? 'Role' : 'Scope' })),
      })),
    },
    provenance: plan.permissions.map(({ permission, guid, provenance }) => ({
      permission,
      guid,
      provenance,
    })),
  };
}

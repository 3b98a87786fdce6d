/**
 * What each step runs in the Azure CLI (bash). Exchange Online has no Azure CLI command: those steps have none here.
 * Owns: the az commands; each change stands behind a check. The functions and variables are those of script.ts.
 * Must not: put a value of the settings into code; values are data there.
 */
import type { Commands, SetupContext } from '../plan.js';
import type { StepId } from '../steps.js';
import { surplusInAzureCli } from '../surplus.js';
import { certificate, clientSecret, federatedCredential } from './credentials.js';
import { undoEach, type Writer } from './undo.js';

const JSON_HEADER = '--headers Content-Type=application/json';

const app: Writer = ({ audience }) => ({
  do: `if [ -n "$app_id" ]; then
  present "$app_name"
elif change "$app_name"; then
  app_id=$(az ad app create --display-name "$app_name" --sign-in-audience ${audience} --query appId -o tsv)
  record app "$app_name" "$app_id"
fi
[ -n "$app_id" ] || exit 0`,
  verify: `az ad app show --id "$app_id" --query '{name:displayName, appId:appId, audience:signInAudience}' -o table`,
  undo: undoEach('app', 'az ad app delete --id "$detail"'),
});

const enterpriseApp: Writer = () => ({
  do: `if [ -n "$sp_id" ]; then
  present "$app_name"
elif change "$app_name"; then
  sp_id=$(az ad sp create --id "$app_id" --query id -o tsv)
  record enterprise-app "$app_name" "$sp_id"
fi
[ -n "$sp_id" ] || exit 0`,
  verify: `az ad sp show --id "$app_id" --query '{name:displayName, objectId:id, enabled:accountEnabled}' -o table`,
  undo: undoEach('enterprise-app', 'az ad sp delete --id "$detail"'),
});

const enableApp: Writer = () => ({
  do: `if [ "$(az ad sp show --id "$app_id" --query accountEnabled -o tsv)" = true ]; then
  present "$app_name"
elif change "$app_name"; then
  az ad sp update --id "$sp_id" --set accountEnabled=true
  record enable-app "$app_name" "$sp_id"
fi`,
  verify: `az ad sp show --id "$app_id" --query accountEnabled -o tsv`,
  undo: undoEach('enable-app', 'az ad sp update --id "$detail" --set accountEnabled=false'),
});

const permissions: Writer = () => ({
  do: `while read -r api kind name; do
  permission_id=$(permission_id "$api" "$kind" "$name")
  if az ad app show --id "$app_id" --query 'requiredResourceAccess[].resourceAccess[].id' -o tsv | grep -qxF -- "$permission_id"; then
    present "$name"
  elif change "$name"; then
    az ad app permission add --id "$app_id" --api "$api" --api-permissions "$permission_id=$kind"
    record permissions "$name" "$api $permission_id"
  fi
done <<< "$permissions"`,
  verify: `az ad app permission list --id "$app_id" -o table`,
  undo: undoEach(
    'permissions',
    'az ad app permission delete --id "$app_id" --api "${detail%% *}" --api-permissions "${detail##* }"',
  ),
});

const consentOfApp: Commands = {
  do: `while read -r api kind name; do
  permission_id=$(permission_id "$api" "$kind" "$name")
  resource_id=$(az ad sp show --id "$api" --query id -o tsv)
  held=$(az rest --method GET --url "$graph/v1.0/servicePrincipals/$sp_id/appRoleAssignments" --query "value[?appRoleId=='$permission_id' && resourceId=='$resource_id'].id" -o tsv)
  if [ -n "$held" ]; then
    present "$name"
  elif change "$name"; then
    assignment=$(az rest --method POST --url "$graph/v1.0/servicePrincipals/$sp_id/appRoleAssignments" ${JSON_HEADER} --query id -o tsv \\
      --body "{\\"principalId\\":\\"$sp_id\\",\\"resourceId\\":\\"$resource_id\\",\\"appRoleId\\":\\"$permission_id\\"}")
    record consent "$name" "$assignment"
  fi
done <<< "$permissions"`,
  verify: `az rest --method GET --url "$graph/v1.0/servicePrincipals/$sp_id/appRoleAssignments" --query 'value[].{resource:resourceDisplayName, role:appRoleId}' -o table`,
  undo: undoEach(
    'consent',
    'az rest --method DELETE --url "$graph/v1.0/servicePrincipals/$sp_id/appRoleAssignments/$detail"',
  ),
};

// Consent for the one account that signs in, not for everybody in the tenant.
const consentOfUser: Commands = {
  do: `user_id=$(az ad user show --id "$account" --query id -o tsv)
while read -r api kind name; do
  resource_id=$(az ad sp show --id "$api" --query id -o tsv)
  grants=$(az rest --method GET --url "$graph/v1.0/servicePrincipals/$sp_id/oauth2PermissionGrants" --query "value[?resourceId=='$resource_id' && (consentType=='AllPrincipals' || principalId=='$user_id')].scope" -o tsv)
  if printf '%s\\n' "$grants" | tr ' ' '\\n' | grep -qxF -- "$name"; then
    present "$name"
  elif change "$name"; then
    own=$(az rest --method GET --url "$graph/v1.0/servicePrincipals/$sp_id/oauth2PermissionGrants" --query "value[?resourceId=='$resource_id' && principalId=='$user_id'].id | [0]" -o tsv)
    if [ -n "$own" ]; then
      scope=$(az rest --method GET --url "$graph/v1.0/oauth2PermissionGrants/$own" --query scope -o tsv)
      az rest --method PATCH --url "$graph/v1.0/oauth2PermissionGrants/$own" ${JSON_HEADER} --body "{\\"scope\\":\\"$scope $name\\"}"
    else
      own=$(az rest --method POST --url "$graph/v1.0/oauth2PermissionGrants" ${JSON_HEADER} --query id -o tsv \\
        --body "{\\"clientId\\":\\"$sp_id\\",\\"consentType\\":\\"Principal\\",\\"principalId\\":\\"$user_id\\",\\"resourceId\\":\\"$resource_id\\",\\"scope\\":\\"$name\\"}")
    fi
    record consent "$name" "$own"
  fi
done <<< "$permissions"`,
  verify: `az rest --method GET --url "$graph/v1.0/servicePrincipals/$sp_id/oauth2PermissionGrants" --query 'value[].{consent:consentType, user:principalId, scope:scope}' -o table`,
  undo: undoEach(
    'consent',
    `scope=$(az rest --method GET --url "$graph/v1.0/oauth2PermissionGrants/$detail" --query scope -o tsv)
kept=$(printf '%s' "$scope" | tr ' ' '\\n' | grep -vxF -- "$target" | paste -sd ' ' - || true)
if [ -z "$kept" ]; then
  az rest --method DELETE --url "$graph/v1.0/oauth2PermissionGrants/$detail"
else
  az rest --method PATCH --url "$graph/v1.0/oauth2PermissionGrants/$detail" ${JSON_HEADER} --body "{\\"scope\\":\\"$kept\\"}"
fi`,
  ),
};

const redirectUris: Writer = ({ redirectUris: uris }) => {
  const web = uris[0]?.type === 'web';
  const path = web ? 'web.redirectUris' : 'publicClient.redirectUris';
  const option = web ? '--web-redirect-uris' : '--public-client-redirect-uris';
  return {
    do: `for uri in "\${redirect_uris[@]}"; do
  mapfile -t registered < <(az ad app show --id "$app_id" --query '${path}' -o tsv)
  if printf '%s\\n' "\${registered[@]}" | grep -qxF -- "$uri"; then
    present "$uri"
  elif change "$uri"; then
    az ad app update --id "$app_id" ${option} "\${registered[@]}" "$uri"
    record redirect-uris "$uri" ${web ? 'Web' : 'PublicClient'}
  fi
done`,
    verify: `az ad app show --id "$app_id" --query '${path}' -o tsv`,
    undo: undoEach(
      'redirect-uris',
      `mapfile -t uris_left < <(az ad app show --id "$app_id" --query '${path}' -o tsv | grep -vxF -- "$target" || true)
az ad app update --id "$app_id" ${option} "\${uris_left[@]}"`,
    ),
  };
};

const publicClient: Writer = () => ({
  do: `if [ "$(az ad app show --id "$app_id" --query isFallbackPublicClient -o tsv)" = true ]; then
  present "$app_name"
elif change "$app_name"; then
  az ad app update --id "$app_id" --set isFallbackPublicClient=true
  record public-client "$app_name" true
fi`,
  verify: `az ad app show --id "$app_id" --query isFallbackPublicClient -o tsv`,
  undo: undoEach('public-client', 'az ad app update --id "$app_id" --set isFallbackPublicClient=false'),
});

const WRITERS: Readonly<Partial<Record<StepId, Writer>>> = {
  app,
  'enterprise-app': enterpriseApp,
  'enable-app': enableApp,
  permissions,
  consent: ({ identity }) => (identity === 'app' ? consentOfApp : consentOfUser),
  surplus: (context) => ({
    do: surplusInAzureCli(context.surplus),
    verify: `az ad app permission list --id "$app_id" -o table`,
    // A right that nobody needs is not given back.
    undo: '',
  }),
  'client-secret': clientSecret,
  certificate,
  'federated-credential': federatedCredential,
  'redirect-uris': redirectUris,
  'public-client': publicClient,
};

/** The commands of a step, or undefined where the Azure CLI has none. */
export function azureCommands(step: StepId, context: SetupContext): Commands | undefined {
  return WRITERS[step]?.(context);
}

/**
 * Permissions that an app holds without need, why they are a danger, and the commands that take away exactly these.
 * Must not: touch what the connection needs.
 */
import type { CataloguedPermission } from '../generated/types.js';
import { findPermission, permissionCatalogue, resourceOf } from './catalogue.js';
import { bashLiteral, powerShellLiteral } from './quoting.js';

export interface HeldPermission {
  readonly resource: 'exchange' | 'graph';
  readonly kind: 'application' | 'delegated';
  readonly permission: string;
}

export interface SurplusPermission extends HeldPermission {
  /** How far it reaches; `unknown` for a permission that the catalogue does not explain. */
  readonly danger: CataloguedPermission['danger'] | 'unknown';
  /** Locale key: what the permission allows. */
  readonly messages: string;
  /** Locale key: why it should go. */
  readonly why: string;
}

/** Signing in reveals no mail: nobody is asked to clean these up. */
const HARMLESS: readonly string[] = ['sign-in'];

const key = ({ resource, kind, permission }: HeldPermission): string => `${resource}/${kind}/${permission}`;

/**
 * What is held beyond what is needed, the farthest-reaching first. The same delegated permission exists at Exchange
 * Online and at Microsoft Graph: where it is needed, neither copy is surplus.
 */
export function surplusOf(
  held: readonly HeldPermission[],
  needed: readonly HeldPermission[],
): SurplusPermission[] {
  const order = permissionCatalogue().permissions.map(({ danger }) => danger);
  const levels = ['administration', 'every-mailbox', 'directory', 'unknown'];
  const rank = ({ danger }: SurplusPermission): number => {
    const level = levels.indexOf(danger);
    return level === -1 ? levels.length + order.indexOf(danger as CataloguedPermission['danger']) : level;
  };
  const wanted = new Set(needed.map(key));
  const sameScope = (one: HeldPermission): boolean =>
    one.kind === 'delegated' &&
    needed.some(({ kind, permission }) => kind === 'delegated' && permission === one.permission);
  return [...new Map(held.map((one) => [key(one), one])).values()]
    .filter((one) => !wanted.has(key(one)) && !sameScope(one))
    .map(({ resource, kind, permission }): SurplusPermission => {
      const known = findPermission(key({ resource, kind, permission }));
      const danger = known?.danger ?? 'unknown';
      return {
        resource,
        kind,
        permission,
        danger,
        messages: known?.messages ?? 'setup.permissions.unknown',
        why: `setup.dangers.${permission === 'full_access_as_app' ? 'ews' : danger}`,
      };
    })
    .filter(({ danger }) => !HARMLESS.includes(danger))
    .sort((left, right) => rank(left) - rank(right));
}

function powerShellTable(surplus: readonly HeldPermission[]): string {
  const rows = surplus.map(
    (one) =>
      `    @{ Resource = ${powerShellLiteral(resourceOf(one).appId)}; Kind = ${powerShellLiteral(one.kind === 'application' ? 'Role' : 'Scope')}; Name = ${powerShellLiteral(one.permission)} }`,
  );
  return `$Surplus = @(\n${rows.join('\n')}\n)`;
}

/**
 * PowerShell that removes the surplus from consent and registration. It expects $App and $ServicePrincipal, and
 * $PSCmdlet of a script with SupportsShouldProcess.
 */
export function surplusInPowerShell(surplus: readonly HeldPermission[]): string {
  return `${powerShellTable(surplus)}
foreach ($Permission in $Surplus) {
    $Resource = Get-MgServicePrincipal -Filter "appId eq '$($Permission.Resource)'"
    $Published = if ($Permission.Kind -eq 'Role') { $Resource.AppRoles } else { $Resource.Oauth2PermissionScopes }
    $Match = $Published | Where-Object { $_.Value -eq $Permission.Name } | Select-Object -First 1
    if ($null -eq $Match) { continue }
    if ($Permission.Kind -eq 'Role') {
        $Assigned = @(Get-MgServicePrincipalAppRoleAssignment -ServicePrincipalId $ServicePrincipal.Id -All |
            Where-Object { $_.AppRoleId -eq $Match.Id -and $_.ResourceId -eq $Resource.Id })
        foreach ($Assignment in $Assigned) {
            if ($PSCmdlet.ShouldProcess($Permission.Name, 'Remove-MgServicePrincipalAppRoleAssignment')) {
                Remove-MgServicePrincipalAppRoleAssignment -ServicePrincipalId $ServicePrincipal.Id -AppRoleAssignmentId $Assignment.Id
                Add-Change 'surplus' $Permission.Name $Permission.Resource
            }
        }
    } else {
        $Grants = @(Get-MgServicePrincipalOauth2PermissionGrant -ServicePrincipalId $ServicePrincipal.Id -All |
            Where-Object { $_.ResourceId -eq $Resource.Id -and ($_.Scope -split ' ') -contains $Permission.Name })
        foreach ($Grant in $Grants) {
            if ($PSCmdlet.ShouldProcess($Permission.Name, 'Update-MgOauth2PermissionGrant')) {
                $Target = @{ OAuth2PermissionGrantId = $Grant.Id }
                $Kept = @(($Grant.Scope -split ' ') | Where-Object { $_ -ne '' -and $_ -ne $Permission.Name }) -join ' '
                if ($Kept -eq '') { Remove-MgOauth2PermissionGrant @Target }
                else { Update-MgOauth2PermissionGrant @Target -Scope $Kept }
                Add-Change 'surplus' $Permission.Name $Permission.Resource
            }
        }
    }
    $Declared = @(Get-DeclaredAccess)
    if (Test-Declared $Declared $Permission.Resource $Match.Id) {
        if ($PSCmdlet.ShouldProcess($Permission.Name, 'Update-MgApplication')) {
            Update-MgApplication -ApplicationId $App.Id -RequiredResourceAccess @(Remove-Declared $Declared $Permission.Resource $Match.Id)
        }
    }
}`;
}

/** bash that does the same with the Azure CLI; it expects $app_id, $sp_id, $graph and the functions of our script. */
export function surplusInAzureCli(surplus: readonly HeldPermission[]): string {
  return surplus
    .map((one) => {
      const { appId } = resourceOf(one);
      const list = one.kind === 'application' ? 'appRoles' : 'oauth2PermissionScopes';
      const head = [
        `resource_id=$(az ad sp show --id ${bashLiteral(appId)} --query id -o tsv)`,
        `permission_id=$(az ad sp show --id ${bashLiteral(appId)} --query ${bashLiteral(`${list}[?value=='${one.permission}'].id | [0]`)} -o tsv)`,
      ];
      const name = bashLiteral(one.permission);
      const consent =
        one.kind === 'application'
          ? `for assignment in $(az rest --method GET --url "$graph/v1.0/servicePrincipals/$sp_id/appRoleAssignments" \\
    --query "value[?appRoleId=='$permission_id' && resourceId=='$resource_id'].id" -o tsv); do
  if change ${name}; then
    az rest --method DELETE --url "$graph/v1.0/servicePrincipals/$sp_id/appRoleAssignments/$assignment"
    record surplus ${name} ${bashLiteral(appId)}
  fi
done`
          : `for grant in $(az rest --method GET --url "$graph/v1.0/servicePrincipals/$sp_id/oauth2PermissionGrants" \\
    --query "value[?resourceId=='$resource_id'].id" -o tsv); do
  scope=$(az rest --method GET --url "$graph/v1.0/oauth2PermissionGrants/$grant" --query scope -o tsv)
  kept=$(printf '%s' "$scope" | tr ' ' '\\n' | grep -vxF -- ${name} | paste -sd ' ' - || true)
  if [ "$kept" != "$scope" ] && change ${name}; then
    if [ -z "$kept" ]; then az rest --method DELETE --url "$graph/v1.0/oauth2PermissionGrants/$grant"
    else az rest --method PATCH --url "$graph/v1.0/oauth2PermissionGrants/$grant" --headers Content-Type=application/json --body "{\\"scope\\":\\"$kept\\"}"; fi
    record surplus ${name} ${bashLiteral(appId)}
  fi
done`;
      const declared = `if [ -n "$permission_id" ] && az ad app show --id "$app_id" --query 'requiredResourceAccess[].resourceAccess[].id' -o tsv | grep -qxF -- "$permission_id" && change ${name}; then
  az ad app permission delete --id "$app_id" --api ${bashLiteral(appId)} --api-permissions "$permission_id"
fi`;
      return [...head, consent, declared].join('\n');
    })
    .join('\n');
}

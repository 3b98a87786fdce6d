/**
 * PowerShell for the app registration: app, permissions, consent, redirect URIs (Microsoft.Graph modules). Variables and
 * functions are those of script.ts. Must not: put a value of the settings into code; values are data there.
 */
import type { Commands } from '../plan.js';
import { surplusInPowerShell } from '../surplus.js';
import { undoEach, type Writer } from './undo.js';

export const app: Writer = ({ audience }) => ({
  do: `if ($null -ne $App) {
    Write-Present $App.DisplayName
} elseif ($PSCmdlet.ShouldProcess($AppName, 'New-MgApplication')) {
    $App = New-MgApplication -DisplayName $AppName -SignInAudience '${audience}'
    $AppId = $App.AppId
    Add-Change 'app' $AppName $App.Id
}
if ($null -eq $App) { return }`,
  verify: `Get-MgApplication -ApplicationId $App.Id | Format-List 'DisplayName', 'AppId', 'SignInAudience'`,
  undo: undoEach('app', 'Remove-MgApplication', 'Remove-MgApplication -ApplicationId $Change.Detail'),
});

export const enterpriseApp: Writer = () => ({
  do: `if ($null -ne $ServicePrincipal) {
    Write-Present $ServicePrincipal.DisplayName
} elseif ($PSCmdlet.ShouldProcess($AppName, 'New-MgServicePrincipal')) {
    $ServicePrincipal = New-MgServicePrincipal -AppId $AppId
    Add-Change 'enterprise-app' $AppName $ServicePrincipal.Id
}
if ($null -eq $ServicePrincipal) { return }`,
  verify: `Get-MgServicePrincipal -Filter "appId eq '$AppId'" | Format-List 'DisplayName', 'Id', 'AccountEnabled'`,
  undo: undoEach(
    'enterprise-app',
    'Remove-MgServicePrincipal',
    'Remove-MgServicePrincipal -ServicePrincipalId $Change.Detail',
  ),
});

export const enableApp: Writer = () => ({
  do: `if ($ServicePrincipal.AccountEnabled) {
    Write-Present $ServicePrincipal.DisplayName
} elseif ($PSCmdlet.ShouldProcess($AppName, 'Update-MgServicePrincipal -AccountEnabled')) {
    Update-MgServicePrincipal -ServicePrincipalId $ServicePrincipal.Id -AccountEnabled:$true
    Add-Change 'enable-app' $AppName $ServicePrincipal.Id
}`,
  verify: `Get-MgServicePrincipal -Filter "appId eq '$AppId'" | Format-List 'DisplayName', 'AccountEnabled'`,
  undo: undoEach(
    'enable-app',
    'Update-MgServicePrincipal -AccountEnabled:$false',
    'Update-MgServicePrincipal -ServicePrincipalId $Change.Detail -AccountEnabled:$false',
  ),
});

export const permissions: Writer = () => ({
  do: `foreach ($Permission in @(Resolve-Permission)) {
    $Declared = @(Get-DeclaredAccess)
    if (Test-Declared $Declared $Permission.ResourceAppId $Permission.Id) {
        Write-Present $Permission.Name
    } elseif ($PSCmdlet.ShouldProcess($Permission.Name, 'Update-MgApplication -RequiredResourceAccess')) {
        $Entry = $Declared | Where-Object { $_.ResourceAppId -eq $Permission.ResourceAppId } | Select-Object -First 1
        if ($null -eq $Entry) {
            $Entry = @{ ResourceAppId = $Permission.ResourceAppId; ResourceAccess = @() }
            $Declared += $Entry
        }
        $Entry.ResourceAccess = @($Entry.ResourceAccess) + @{ Id = $Permission.Id; Type = $Permission.Kind }
        Update-MgApplication -ApplicationId $App.Id -RequiredResourceAccess $Declared
        Add-Change 'permissions' $Permission.Name ($Permission.ResourceAppId + ' ' + $Permission.Id)
    }
}`,
  verify: `foreach ($Permission in @(Resolve-Permission)) {
    [pscustomobject]@{ Permission = $Permission.Name; Declared = (Test-Declared @(Get-DeclaredAccess) $Permission.ResourceAppId $Permission.Id) }
}`,
  undo: undoEach(
    'permissions',
    'Update-MgApplication -RequiredResourceAccess',
    `$Ids = $Change.Detail -split ' '
Update-MgApplication -ApplicationId $App.Id -RequiredResourceAccess @(Remove-Declared @(Get-DeclaredAccess) $Ids[0] $Ids[1])`,
  ),
});

const consentOfApp: Commands = {
  do: `foreach ($Permission in @(Resolve-Permission)) {
    $Assignments = @(Get-MgServicePrincipalAppRoleAssignment -ServicePrincipalId $ServicePrincipal.Id -All)
    if ($Assignments | Where-Object { $_.AppRoleId -eq $Permission.Id -and $_.ResourceId -eq $Permission.ResourceId }) {
        Write-Present $Permission.Name
    } elseif ($PSCmdlet.ShouldProcess($Permission.Name, 'New-MgServicePrincipalAppRoleAssignment')) {
        $Assignment = New-MgServicePrincipalAppRoleAssignment -ServicePrincipalId $ServicePrincipal.Id -PrincipalId $ServicePrincipal.Id -ResourceId $Permission.ResourceId -AppRoleId $Permission.Id
        Add-Change 'consent' $Permission.Name $Assignment.Id
    }
}`,
  verify: `Get-MgServicePrincipalAppRoleAssignment -ServicePrincipalId $ServicePrincipal.Id -All | Format-Table 'ResourceDisplayName', 'AppRoleId', 'CreatedDateTime'`,
  undo: undoEach(
    'consent',
    'Remove-MgServicePrincipalAppRoleAssignment',
    'Remove-MgServicePrincipalAppRoleAssignment -ServicePrincipalId $ServicePrincipal.Id -AppRoleAssignmentId $Change.Detail',
  ),
};

// Consent for the one account that signs in (consentType Principal), not for everybody in the tenant.
const consentOfUser: Commands = {
  do: `$User = Invoke-MgGraphRequest -Method GET -Uri ('/v1.0/users/' + [uri]::EscapeDataString($Account) + '?$select=id')
foreach ($Permission in @(Resolve-Permission)) {
    $Grants = @(Get-MgServicePrincipalOauth2PermissionGrant -ServicePrincipalId $ServicePrincipal.Id -All |
        Where-Object { $_.ResourceId -eq $Permission.ResourceId })
    $Covering = @($Grants | Where-Object { $_.ConsentType -eq 'AllPrincipals' -or $_.PrincipalId -eq $User.id } |
        Where-Object { ($_.Scope -split ' ') -contains $Permission.Name })
    $Own = $Grants | Where-Object { $_.PrincipalId -eq $User.id } | Select-Object -First 1
    if ($Covering.Count -gt 0) {
        Write-Present $Permission.Name
    } elseif ($PSCmdlet.ShouldProcess($Permission.Name, 'New-MgOauth2PermissionGrant')) {
        if ($null -eq $Own) {
            $Own = New-MgOauth2PermissionGrant -BodyParameter @{
                clientId = $ServicePrincipal.Id; consentType = 'Principal'; principalId = $User.id
                resourceId = $Permission.ResourceId; scope = $Permission.Name
            }
        } else {
            $Target = @{ OAuth2PermissionGrantId = $Own.Id }
            Update-MgOauth2PermissionGrant @Target -Scope ($Own.Scope.Trim() + ' ' + $Permission.Name)
        }
        Add-Change 'consent' $Permission.Name $Own.Id
    }
}`,
  verify: `Get-MgServicePrincipalOauth2PermissionGrant -ServicePrincipalId $ServicePrincipal.Id -All | Format-Table 'ConsentType', 'PrincipalId', 'Scope'`,
  undo: undoEach(
    'consent',
    'Update-MgOauth2PermissionGrant',
    `$Target = @{ OAuth2PermissionGrantId = $Change.Detail }
$Grant = Get-MgOauth2PermissionGrant @Target
$Kept = @(($Grant.Scope -split ' ') | Where-Object { $_ -ne '' -and $_ -ne $Change.Target }) -join ' '
if ($Kept -eq '') { Remove-MgOauth2PermissionGrant @Target }
else { Update-MgOauth2PermissionGrant @Target -Scope $Kept }`,
  ),
};

export const consent: Writer = ({ identity }) => (identity === 'app' ? consentOfApp : consentOfUser);

export const redirectUris: Writer = ({ redirectUris: uris }) => {
  const platform = uris[0]?.type === 'web' ? 'Web' : 'PublicClient';
  const current = `@((Get-MgApplication -ApplicationId $App.Id).${platform}.RedirectUris | Where-Object { $_ })`;
  return {
    do: `foreach ($Uri in $RedirectUris) {
    $Registered = ${current}
    if ($Registered -ccontains $Uri) {
        Write-Present $Uri
    } elseif ($PSCmdlet.ShouldProcess($Uri, 'Update-MgApplication -${platform}')) {
        Update-MgApplication -ApplicationId $App.Id -${platform} @{ redirectUris = @($Registered + $Uri) }
        Add-Change 'redirect-uris' $Uri '${platform}'
    }
}`,
    verify: `(Get-MgApplication -ApplicationId $App.Id).${platform}.RedirectUris`,
    undo: undoEach(
      'redirect-uris',
      `Update-MgApplication -${platform}`,
      `$Registered = ${current}
Update-MgApplication -ApplicationId $App.Id -${platform} @{ redirectUris = @($Registered | Where-Object { $_ -cne $Change.Target }) }`,
    ),
  };
};

export const publicClient: Writer = () => ({
  do: `if ((Get-MgApplication -ApplicationId $App.Id).IsFallbackPublicClient) {
    Write-Present $AppName
} elseif ($PSCmdlet.ShouldProcess($AppName, 'Update-MgApplication -IsFallbackPublicClient')) {
    Update-MgApplication -ApplicationId $App.Id -IsFallbackPublicClient:$true
    Add-Change 'public-client' $AppName
}`,
  verify: `Get-MgApplication -ApplicationId $App.Id | Format-List 'DisplayName', 'IsFallbackPublicClient'`,
  undo: undoEach(
    'public-client',
    'Update-MgApplication -IsFallbackPublicClient:$false',
    'Update-MgApplication -ApplicationId $App.Id -IsFallbackPublicClient:$false',
  ),
});

export const surplus: Writer = (context) => ({
  do: surplusInPowerShell(context.surplus),
  verify: `Get-MgServicePrincipalAppRoleAssignment -ServicePrincipalId $ServicePrincipal.Id -All | Format-Table 'ResourceDisplayName', 'AppRoleId'
Get-MgServicePrincipalOauth2PermissionGrant -ServicePrincipalId $ServicePrincipal.Id -All | Format-Table 'ConsentType', 'Scope'`,
  // A right that nobody needs is not given back.
  undo: '',
});

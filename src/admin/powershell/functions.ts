/**
 * The PowerShell functions that the steps call. A script carries only those it uses. Must not: change anything in a
 * tenant; steps do.
 */

/** By name, in the order in which they are written down: a function may call those above it. */
export const FUNCTIONS: Readonly<Record<string, string>> = {
  'Write-Step': `function Write-Step([string] $Text) { Write-Host ''; Write-Host $Text -ForegroundColor Cyan }`,
  'Write-Present': `function Write-Present([string] $Text) { Write-Host ('  = {0}: {1}' -f $Texts.Present, $Text) }`,
  // One line per change: client ID, step, target, detail, parted by tabs. UTF-8 without a byte order mark, so that
  // the script for bash can read it too.
  'Add-Change': `function Add-Change([string] $Step, [string] $Target, [string] $Detail = '') {
    $Line = @($AppId, $Step, $Target, $Detail) -join [char] 9
    [System.IO.File]::AppendAllText($RecordPath, $Line + [char] 10)
    $Changes.Add(('{0}: {1}' -f $Step, $Target))
    Write-Host ('  + {0}: {1}' -f $Texts.Changed, $Target) -ForegroundColor Green
}`,
  'Get-Change': `function Get-Change([string] $Step) {
    if (-not (Test-Path -LiteralPath $RecordPath)) { return }
    foreach ($Line in [System.IO.File]::ReadAllLines($RecordPath)) {
        $Fields = $Line.Split([char] 9)
        if ($Fields.Count -ge 4 -and $Fields[1] -eq $Step -and ($AppId -eq '' -or $Fields[0] -eq $AppId)) {
            [pscustomobject]@{ AppId = $Fields[0]; Target = $Fields[2]; Detail = $Fields[3]; Line = $Line }
        }
    }
}`,
  'Complete-Change': `function Complete-Change($Change) {
    $Left = @([System.IO.File]::ReadAllLines($RecordPath) | Where-Object { $_ -cne $Change.Line })
    [System.IO.File]::WriteAllText($RecordPath, (@($Left | ForEach-Object { $_ + [char] 10 }) -join ''))
    $Changes.Add($Change.Target)
    Write-Host ('  - {0}: {1}' -f $Texts.Removed, $Change.Target) -ForegroundColor Green
}`,
  'Get-TenantId': `function Get-TenantId {
    if ($Tenant -notmatch '\\.') { return $Tenant }
    $Discovery = Invoke-RestMethod -Uri ('https://{0}/{1}/v2.0/.well-known/openid-configuration' -f $Authority, $Tenant)
    return ([uri] $Discovery.issuer).Segments[1].Trim('/')
}`,
  // An administrator of several tenants may be signed in to any of them.
  'Assert-Tenant': `function Assert-Tenant([string] $SignedIn) {
    $Expected = Get-TenantId
    if ($SignedIn -ne $Expected) { throw ($Texts.OtherTenant -f $SignedIn, $Expected) }
}`,
  // What setup took away on purpose is not given back, but undo tells of it.
  'Write-Removal': `function Write-Removal {
    foreach ($Step in @('service-principal-removed', 'surplus')) {
        foreach ($Change in @(Get-Change $Step)) { Write-Host ($Texts.NotRestored -f $Change.Target, $Change.Detail) }
    }
}`,
  'Import-NeededModule': `function Import-NeededModule([string] $Name) {
    if (-not (Get-Module -ListAvailable -Name $Name)) { Install-Module -Name $Name -Scope CurrentUser -Repository PSGallery }
    Import-Module -Name $Name
}`,
  'Resolve-Permission': `function Resolve-Permission {
    foreach ($Permission in $Permissions) {
        $Resource = Get-MgServicePrincipal -Filter "appId eq '$($Permission.Resource)'"
        if ($null -eq $Resource) { throw ($Texts.NoResource -f $Permission.Resource) }
        $Published = if ($Permission.Kind -eq 'Role') { $Resource.AppRoles } else { $Resource.Oauth2PermissionScopes }
        $Match = @($Published | Where-Object { $_.Value -eq $Permission.Name })
        if ($Match.Count -ne 1) { throw ($Texts.NoPermission -f $Permission.Name, $Resource.DisplayName) }
        [pscustomobject]@{
            Name = $Permission.Name; Kind = $Permission.Kind; Id = $Match[0].Id
            ResourceAppId = $Permission.Resource; ResourceId = $Resource.Id
        }
    }
}`,
  'Get-DeclaredAccess': `function Get-DeclaredAccess {
    $Current = Get-MgApplication -ApplicationId $App.Id
    foreach ($Entry in @($Current.RequiredResourceAccess | Where-Object { $_ })) {
        @{
            ResourceAppId = $Entry.ResourceAppId
            ResourceAccess = @($Entry.ResourceAccess | ForEach-Object { @{ Id = $_.Id; Type = $_.Type } })
        }
    }
}`,
  'Test-Declared': `function Test-Declared($Declared, [string] $ResourceAppId, [string] $Id) {
    $Entries = @($Declared | Where-Object { $_ -and $_.ResourceAppId -eq $ResourceAppId })
    return @($Entries | ForEach-Object { $_.ResourceAccess } | Where-Object { $_.Id -eq $Id }).Count -gt 0
}`,
  'Remove-Declared': `function Remove-Declared($Declared, [string] $ResourceAppId, [string] $Id) {
    foreach ($Entry in @($Declared | Where-Object { $_ })) {
        $Kept = @($Entry.ResourceAccess | Where-Object { $Entry.ResourceAppId -ne $ResourceAppId -or $_.Id -ne $Id })
        if ($Kept.Count -gt 0) { @{ ResourceAppId = $Entry.ResourceAppId; ResourceAccess = $Kept } }
    }
}`,
  // Exchange Online shows a trustee under one of its names, and which one is not documented: all of them are compared.
  'Get-TrusteeName': `function Get-TrusteeName([string] $Trustee) {
    $Trustee
    $Found = @(Get-ServicePrincipal | Where-Object { $_.ObjectId -eq $Trustee })
    if ($Found.Count -eq 0) { $Found = @(Get-Recipient -Identity $Trustee -ErrorAction SilentlyContinue) }
    foreach ($Object in $Found) {
        foreach ($Property in $Object.PSObject.Properties) {
            if (@('AppId', 'Sid', 'DisplayName', 'Identity', 'Name', 'WindowsLiveID', 'PrimarySmtpAddress') -contains $Property.Name -and $Property.Value) {
                [string] $Property.Value
            }
        }
    }
}`,
};

/**
 * PowerShell for what an app proves its identity with: secret, certificate, federated credential. Variables and
 * functions are those of script.ts. Must not: keep a secret; it is shown once.
 */
import { undoEach, type Writer } from './undo.js';

export const clientSecret: Writer = () => ({
  do: `$Lasting = @($App.PasswordCredentials | Where-Object { $_ -and $_.EndDateTime -gt (Get-Date).AddDays(30) })
if ($Lasting.Count -gt 0 -and -not $NewSecret) {
    Write-Present ('{0} ({1:yyyy-MM-dd})' -f $Lasting[0].DisplayName, $Lasting[0].EndDateTime)
    Write-Host $Texts.SecretExists
} elseif ($PSCmdlet.ShouldProcess($AppName, 'Add-MgApplicationPassword')) {
    $Secret = Add-MgApplicationPassword -ApplicationId $App.Id -PasswordCredential @{
        displayName = $AppName; endDateTime = (Get-Date).AddMonths($SecretMonths).ToUniversalTime()
    }
    # Shown this once and kept nowhere; before anything else can fail.
    Write-Host $Texts.SecretOnce -ForegroundColor Yellow
    Write-Host $Secret.SecretText
    Add-Change 'client-secret' $Secret.DisplayName ([string] $Secret.KeyId)
    $Secret = $null
}`,
  verify: `(Get-MgApplication -ApplicationId $App.Id).PasswordCredentials | Format-Table 'DisplayName', 'KeyId', 'EndDateTime'`,
  undo: undoEach(
    'client-secret',
    'Remove-MgApplicationPassword',
    `if ($Change.Detail -eq 'unknown') { Write-Warning ($Texts.SecretUnknown -f $Change.Target); continue }
Remove-MgApplicationPassword -ApplicationId $App.Id -KeyId $Change.Detail`,
  ),
});

// Update-MgApplication -KeyCredentials replaces the whole list: what is registered already is sent along.
const KEYS = `@((Get-MgApplication -ApplicationId $App.Id -Property 'id,keyCredentials').KeyCredentials | Where-Object { $_ })`;

export const certificate: Writer = () => ({
  do: `if ($CertificateFile -eq '') { throw $Texts.CertificateNeeded }
$Certificate = [System.Security.Cryptography.X509Certificates.X509Certificate2]::new((Resolve-Path -LiteralPath $CertificateFile).ProviderPath)
if ($Certificate.HasPrivateKey) { throw $Texts.CertificateIsPrivate }
$Keys = ${KEYS}
$Thumbprint = [System.Convert]::ToBase64String($Certificate.GetCertHash())
if ($Keys | Where-Object { $_.CustomKeyIdentifier -and [System.Convert]::ToBase64String($_.CustomKeyIdentifier) -eq $Thumbprint }) {
    Write-Present $Certificate.Thumbprint
} elseif ($PSCmdlet.ShouldProcess($Certificate.Thumbprint, 'Update-MgApplication -KeyCredentials')) {
    Update-MgApplication -ApplicationId $App.Id -KeyCredentials @($Keys + @{
        type = 'AsymmetricX509Cert'; usage = 'Verify'; key = $Certificate.RawData; displayName = $Certificate.Subject
    })
    Add-Change 'certificate' $Certificate.Thumbprint $Thumbprint
}`,
  verify: `(Get-MgApplication -ApplicationId $App.Id).KeyCredentials | Format-Table 'DisplayName', 'KeyId', 'EndDateTime'`,
  undo: undoEach(
    'certificate',
    'Update-MgApplication -KeyCredentials',
    `$Keys = ${KEYS}
Update-MgApplication -ApplicationId $App.Id -KeyCredentials @($Keys |
    Where-Object { -not $_.CustomKeyIdentifier -or [System.Convert]::ToBase64String($_.CustomKeyIdentifier) -ne $Change.Detail })`,
  ),
});

export const federatedCredential: Writer = () => ({
  do: `if ($Issuer -eq '' -or $Subject -eq '') { throw $Texts.FederationNeeded }
$Present = @(Get-MgApplicationFederatedIdentityCredential -ApplicationId $App.Id -All |
    Where-Object { $_.Issuer -eq $Issuer -and $_.Subject -ceq $Subject })
if ($Present.Count -gt 0) {
    Write-Present $Present[0].Name
} elseif ($PSCmdlet.ShouldProcess($Subject, 'New-MgApplicationFederatedIdentityCredential')) {
    $Federation = New-MgApplicationFederatedIdentityCredential -ApplicationId $App.Id -BodyParameter @{
        name = 'email-connector-' + [guid]::NewGuid().ToString('N').Substring(0, 8)
        issuer = $Issuer; subject = $Subject; audiences = @($Audience)
    }
    Add-Change 'federated-credential' $Federation.Name $Federation.Id
}`,
  verify: `Get-MgApplicationFederatedIdentityCredential -ApplicationId $App.Id -All | Format-Table 'Name', 'Issuer', 'Subject'`,
  undo: undoEach(
    'federated-credential',
    'Remove-MgApplicationFederatedIdentityCredential',
    'Remove-MgApplicationFederatedIdentityCredential -ApplicationId $App.Id -FederatedIdentityCredentialId $Change.Detail',
  ),
});

/**
 * PowerShell for Exchange Online: the app's pointer there, mailboxes, protocols, senders (ExchangeOnlineManagement).
 * Variables and functions are those of script.ts. Must not: turn a switch of the whole organisation.
 */
import type { SetupContext } from '../plan.js';
import { powerShellLiteral } from '../quoting.js';
import type { StepId } from '../steps.js';
import { undoEach, type Writer } from './undo.js';

const MAILBOX_TRUSTEE = ({ identity }: SetupContext): string =>
  identity === 'app' ? '$ServicePrincipalId' : '$Account';

export const servicePrincipal: Writer = () => ({
  do: `$Registered = @(Get-ServicePrincipal | Where-Object { $_.AppId -eq $AppId })
$Wrong = @($Registered | Where-Object { $_.ObjectId -ne $ServicePrincipalId })
foreach ($Principal in $Wrong) {
    Write-Warning ($Texts.WrongObjectId -f $Principal.ObjectId, $ServicePrincipalId)
    if ($PSCmdlet.ShouldProcess($Principal.ObjectId, 'Remove-ServicePrincipal')) {
        Remove-ServicePrincipal -Identity $Principal.ObjectId -Confirm:$false
        Add-Change 'service-principal-removed' $Principal.ObjectId $Principal.DisplayName
    }
}
if ($Registered.Count -gt $Wrong.Count) {
    Write-Present $ServicePrincipalId
} elseif ($PSCmdlet.ShouldProcess($ServicePrincipalId, 'New-ServicePrincipal')) {
    New-ServicePrincipal -AppId $AppId -ObjectId $ServicePrincipalId -DisplayName $AppName | Out-Null
    Add-Change 'service-principal' $AppName $ServicePrincipalId
}`,
  verify: `Get-ServicePrincipal | Where-Object { $_.AppId -eq $AppId } | Format-List 'DisplayName', 'AppId', 'ObjectId'`,
  undo: undoEach(
    'service-principal',
    'Remove-ServicePrincipal',
    'Remove-ServicePrincipal -Identity $Change.Detail -Confirm:$false',
  ),
});

export const mailboxAccess: Writer = (context) => {
  const trustee = MAILBOX_TRUSTEE(context);
  const list = context.identity === 'app' ? '$Mailboxes' : '$ForeignMailboxes';
  return {
    do: `$Names = @(Get-TrusteeName ${trustee})
foreach ($Mailbox in ${list}) {
    $Granted = @(Get-MailboxPermission -Identity $Mailbox |
        Where-Object { -not $_.Deny -and $Names -contains [string] $_.User -and $_.AccessRights -contains 'FullAccess' })
    if ($Granted.Count -gt 0) {
        Write-Present $Mailbox
    } elseif ($PSCmdlet.ShouldProcess($Mailbox, 'Add-MailboxPermission -AccessRights FullAccess')) {
        Add-MailboxPermission -Identity $Mailbox -User ${trustee} -AccessRights FullAccess -AutoMapping:$false -Confirm:$false | Out-Null
        Add-Change 'mailbox-access' $Mailbox ${trustee}
    }
}`,
    verify: `foreach ($Mailbox in ${list}) { Get-MailboxPermission -Identity $Mailbox | Where-Object { $_.AccessRights -contains 'FullAccess' } | Format-Table 'Identity', 'User', 'AccessRights' }`,
    undo: undoEach(
      'mailbox-access',
      'Remove-MailboxPermission',
      'Remove-MailboxPermission -Identity $Change.Target -User $Change.Detail -AccessRights FullAccess -Confirm:$false',
    ),
  };
};

/** A protocol that each mailbox has a switch for, under Exchange's name of the switch. */
const protocolOn =
  (step: StepId, property: 'ImapEnabled' | 'PopEnabled'): Writer =>
  () => ({
    do: `foreach ($Mailbox in $Mailboxes) {
    if ((Get-CASMailbox -Identity $Mailbox).${property}) {
        Write-Present $Mailbox
    } elseif ($PSCmdlet.ShouldProcess($Mailbox, 'Set-CASMailbox -${property}')) {
        Set-CASMailbox -Identity $Mailbox -${property} $true
        Add-Change '${step}' $Mailbox
    }
}`,
    verify: `foreach ($Mailbox in $Mailboxes) { Get-CASMailbox -Identity $Mailbox | Format-List 'Name', '${property}' }`,
    undo: undoEach(
      step,
      `Set-CASMailbox -${property} $false`,
      `Set-CASMailbox -Identity $Change.Target -${property} $false`,
    ),
  });

export const imapOn: Writer = protocolOn('imap-on', 'ImapEnabled');
export const popOn: Writer = protocolOn('pop-on', 'PopEnabled');

// Empty means "as the organisation": the value is kept, so that undo gives back exactly what was there.
export const smtpAuthOn: Writer = () => ({
  do: `foreach ($Mailbox in $Mailboxes) {
    $Before = (Get-CASMailbox -Identity $Mailbox).SmtpClientAuthenticationDisabled
    if ($Before -eq $false) {
        Write-Present $Mailbox
    } elseif ($PSCmdlet.ShouldProcess($Mailbox, 'Set-CASMailbox -SmtpClientAuthenticationDisabled $false')) {
        Set-CASMailbox -Identity $Mailbox -SmtpClientAuthenticationDisabled $false
        Add-Change 'smtp-auth-on' $Mailbox ([string] $Before)
    }
}`,
  verify: `foreach ($Mailbox in $Mailboxes) { Get-CASMailbox -Identity $Mailbox | Format-List 'Name', 'SmtpClientAuthenticationDisabled' }`,
  undo: undoEach(
    'smtp-auth-on',
    'Set-CASMailbox -SmtpClientAuthenticationDisabled',
    `$Before = if ($Change.Detail -eq 'True') { $true } else { $null }
Set-CASMailbox -Identity $Change.Target -SmtpClientAuthenticationDisabled $Before`,
  ),
});

export const sendAs: Writer = (context) => {
  const trustee = MAILBOX_TRUSTEE(context);
  const addresses = [...new Set(context.sendAs.map(({ as }) => as))].map(powerShellLiteral).join(', ');
  return {
    do: `$Names = @(Get-TrusteeName ${trustee})
foreach ($Address in @(${addresses})) {
    $Granted = @(Get-RecipientPermission -Identity $Address |
        Where-Object { $Names -contains [string] $_.Trustee -and $_.AccessRights -contains 'SendAs' })
    if ($Granted.Count -gt 0) {
        Write-Present $Address
    } elseif ($PSCmdlet.ShouldProcess($Address, 'Add-RecipientPermission -AccessRights SendAs')) {
        Add-RecipientPermission -Identity $Address -Trustee ${trustee} -AccessRights SendAs -Confirm:$false | Out-Null
        Add-Change 'send-as' $Address ${trustee}
    }
}`,
    verify: `foreach ($Address in @(${addresses})) { Get-RecipientPermission -Identity $Address | Format-Table 'Identity', 'Trustee', 'AccessRights' }`,
    undo: undoEach(
      'send-as',
      'Remove-RecipientPermission',
      'Remove-RecipientPermission -Identity $Change.Target -Trustee $Change.Detail -AccessRights SendAs -Confirm:$false',
    ),
  };
};

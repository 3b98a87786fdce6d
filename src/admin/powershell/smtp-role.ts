/**
 * PowerShell for sending through role based access control for applications: a group of mailboxes, a scope over it, and
 * the role "Application SMTP.SendAsApp" within it. Such an app needs no API permission and no FullAccess for sending.
 */
import type { Writer } from './undo.js';

export const smtpRole: Writer = () => ({
  do: `$Group = Get-DistributionGroup -Identity $GroupName -ErrorAction SilentlyContinue
if ($null -ne $Group) {
    Write-Present $GroupName
} elseif ($PSCmdlet.ShouldProcess($GroupName, 'New-DistributionGroup')) {
    $Group = New-DistributionGroup -Name $GroupName -Type Security -MemberJoinRestriction Closed -MemberDepartRestriction Closed
    Set-DistributionGroup -Identity $Group.Identity -HiddenFromAddressListsEnabled $true
    Add-Change 'smtp-role' $GroupName 'group'
}
if ($null -eq $Group) { return }
$Members = @(Get-DistributionGroupMember -Identity $Group.Identity -ResultSize Unlimited | ForEach-Object { [string] $_.PrimarySmtpAddress })
foreach ($Mailbox in $Mailboxes) {
    if ($Members -contains $Mailbox) {
        Write-Present $Mailbox
    } elseif ($PSCmdlet.ShouldProcess($Mailbox, 'Add-DistributionGroupMember')) {
        Add-DistributionGroupMember -Identity $Group.Identity -Member $Mailbox
        Add-Change 'smtp-role' $Mailbox 'member'
    }
}
$Scope = Get-ManagementScope -Identity $ScopeName -ErrorAction SilentlyContinue
if ($null -ne $Scope) {
    Write-Present $ScopeName
} elseif ($PSCmdlet.ShouldProcess($ScopeName, 'New-ManagementScope')) {
    New-ManagementScope -Name $ScopeName -RecipientRestrictionFilter ("MemberOfGroup -eq '{0}'" -f $Group.DistinguishedName.Replace("'", "''")) | Out-Null
    Add-Change 'smtp-role' $ScopeName 'scope'
}
$Assigned = @(Get-ManagementRoleAssignment -RoleAssignee $ServicePrincipalId -ErrorAction SilentlyContinue |
    Where-Object { $_.Role -eq 'Application SMTP.SendAsApp' })
if ($Assigned.Count -gt 0) {
    Write-Present 'Application SMTP.SendAsApp'
} elseif ($PSCmdlet.ShouldProcess($AppName, 'New-ManagementRoleAssignment')) {
    New-ManagementRoleAssignment -Name $AssignmentName -App $ServicePrincipalId -Role 'Application SMTP.SendAsApp' -CustomResourceScope $ScopeName | Out-Null
    Add-Change 'smtp-role' $AssignmentName 'assignment'
}`,
  verify: `foreach ($Mailbox in $Mailboxes) { Test-ServicePrincipalAuthorization -Identity $ServicePrincipalId -Resource $Mailbox | Format-Table 'RoleName', 'AllowedResourceScope', 'InScope' }`,
  undo: `foreach ($Kind in @('assignment', 'scope', 'member', 'group')) {
    foreach ($Change in @(Get-Change 'smtp-role' | Where-Object { $_.Detail -eq $Kind })) {
        if ($PSCmdlet.ShouldProcess($Change.Target, 'Remove')) {
            if ($Kind -eq 'assignment') { Remove-ManagementRoleAssignment -Identity $Change.Target -Confirm:$false }
            if ($Kind -eq 'scope') { Remove-ManagementScope -Identity $Change.Target -Confirm:$false }
            if ($Kind -eq 'member') { Remove-DistributionGroupMember -Identity $GroupName -Member $Change.Target -Confirm:$false }
            if ($Kind -eq 'group') { Remove-DistributionGroup -Identity $Change.Target -Confirm:$false }
            Complete-Change $Change
        }
    }
}`,
});

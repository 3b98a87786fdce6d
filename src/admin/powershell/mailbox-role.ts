/**
 * PowerShell for role based access control for applications: a group of mailboxes, a scope over it, and an Exchange role
 * within it. Such an app needs no API permission for what the role allows, and no FullAccess. Owns: both roles that the
 * connector uses. Must not: assign a role without a scope; it would open every mailbox of the organisation.
 */
import type { SetupContext } from '../plan.js';
import type { StepId } from '../steps.js';
import type { Writer } from './undo.js';

interface MailboxRole {
  readonly step: StepId;
  /** Exchange's name of the role. */
  readonly role: string;
  /** Roles of the same kind, whose assignments are looked at. */
  readonly roles: readonly string[];
  /** Variables of script.ts: group of mailboxes, scope over it, assignment. */
  readonly names: readonly [group: string, scope: string, assignment: string];
}

/** What reading through Graph takes: changing messages includes reading them. */
export const graphRoleOf = ({ grants }: Pick<SetupContext, 'grants'>): string =>
  grants.has('mail-read-write-role') ? 'Application Mail.ReadWrite' : 'Application Mail.Read';

const roleCommands = ({ step, role, roles, names }: MailboxRole): ReturnType<Writer> => {
  const [group, scope, assignment] = names;
  return {
    do: `$Group = Get-DistributionGroup -Identity ${group} -ErrorAction SilentlyContinue
if ($null -ne $Group) {
    Write-Present ${group}
} elseif ($PSCmdlet.ShouldProcess(${group}, 'New-DistributionGroup')) {
    $Group = New-DistributionGroup -Name ${group} -Type Security -MemberJoinRestriction Closed -MemberDepartRestriction Closed
    Set-DistributionGroup -Identity $Group.Identity -HiddenFromAddressListsEnabled $true
    Add-Change '${step}' ${group} 'group'
}
$Members = if ($null -eq $Group) { @() } else { @(Get-DistributionGroupMember -Identity $Group.Identity -ResultSize Unlimited | ForEach-Object { [string] $_.PrimarySmtpAddress }) }
foreach ($Mailbox in $Mailboxes) {
    if ($Members -contains $Mailbox) {
        Write-Present $Mailbox
    } elseif ($PSCmdlet.ShouldProcess($Mailbox, 'Add-DistributionGroupMember')) {
        Add-DistributionGroupMember -Identity $Group.Identity -Member $Mailbox
        Add-Change '${step}' $Mailbox 'member'
    }
}
$Scope = Get-ManagementScope -Identity ${scope} -ErrorAction SilentlyContinue
if ($null -ne $Scope) {
    Write-Present ${scope}
} elseif ($PSCmdlet.ShouldProcess(${scope}, 'New-ManagementScope')) {
    New-ManagementScope -Name ${scope} -RecipientRestrictionFilter ("MemberOfGroup -eq '{0}'" -f $Group.DistinguishedName.Replace("'", "''")) | Out-Null
    Add-Change '${step}' ${scope} 'scope'
}
$Assigned = @(Get-ManagementRoleAssignment -RoleAssignee $ServicePrincipalId -ErrorAction SilentlyContinue |
    Where-Object { @(${roles.map((one) => `'${one}'`).join(', ')}) -contains [string] $_.Role })
# A role without a scope reaches every mailbox, and adds up with the one below.
foreach ($Assignment in $Assigned) {
    $Limit = $Assignment.PSObject.Properties['CustomResourceScope']
    if ($null -ne $Limit -and -not $Limit.Value) { Write-Warning ($Texts.RoleEverywhere -f $Assignment.Role, $Assignment.Name) }
}
if (@($Assigned | Where-Object { $_.Name -eq ${assignment} }).Count -gt 0) {
    Write-Present ${assignment}
} elseif ($PSCmdlet.ShouldProcess(${assignment}, 'New-ManagementRoleAssignment')) {
    New-ManagementRoleAssignment -Name ${assignment} -App $ServicePrincipalId -Role '${role}' -CustomResourceScope ${scope} | Out-Null
    Add-Change '${step}' ${assignment} 'assignment'
}`,
    verify: `foreach ($Mailbox in $Mailboxes) { Test-ServicePrincipalAuthorization -Identity $ServicePrincipalId -Resource $Mailbox | Format-Table 'RoleName', 'AllowedResourceScope', 'InScope' }`,
    undo: `foreach ($Kind in @('assignment', 'scope', 'member', 'group')) {
    foreach ($Change in @(Get-Change '${step}' | Where-Object { $_.Detail -eq $Kind })) {
        if ($PSCmdlet.ShouldProcess($Change.Target, 'Remove')) {
            if ($Kind -eq 'assignment') { Remove-ManagementRoleAssignment -Identity $Change.Target -Confirm:$false }
            if ($Kind -eq 'scope') { Remove-ManagementScope -Identity $Change.Target -Confirm:$false }
            if ($Kind -eq 'member') { Remove-DistributionGroupMember -Identity ${group} -Member $Change.Target -Confirm:$false }
            if ($Kind -eq 'group') { Remove-DistributionGroup -Identity $Change.Target -Confirm:$false }
            Complete-Change $Change
        }
    }
}`,
  };
};

/** Sending over SMTP. */
export const smtpRole: Writer = () =>
  roleCommands({
    step: 'smtp-role',
    role: 'Application SMTP.SendAsApp',
    roles: ['Application SMTP.SendAsApp'],
    names: ['$GroupName', '$ScopeName', '$AssignmentName'],
  });

/** Reading through Microsoft Graph, in a group of its own: who may be read is not who may send. */
export const mailRole: Writer = (context) =>
  roleCommands({
    step: 'mail-role',
    role: graphRoleOf(context),
    roles: ['Application Mail.Read', 'Application Mail.ReadWrite'],
    names: ['$ReadGroupName', '$ReadScopeName', '$ReadAssignmentName'],
  });

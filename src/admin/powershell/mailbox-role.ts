/**
 * PowerShell for role based access control for applications: a group of mailboxes, a scope over it, and an Exchange role
 * within it. Such an app needs no API permission for what the role allows, and no FullAccess. Owns: the roles that
 * the connector uses. Must not: assign a role without a scope; it would open every mailbox of the organisation.
 */
import type { SetupContext } from '../plan.js';
import type { StepId } from '../steps.js';
import type { Writer } from './undo.js';

interface MailboxRole {
  readonly step: StepId;
  /** Exchange's names of the roles, each with the variable of script.ts that names its assignment. */
  readonly assigned: readonly { readonly role: string; readonly name: string }[];
  /** Roles of the same kind, whose assignments are looked at. */
  readonly roles: readonly string[];
  /** Variables of script.ts: group of mailboxes, scope over it. */
  readonly names: readonly [group: string, scope: string];
}

/** What reading through Graph takes: changing messages includes reading them. */
export const graphRoleOf = ({ grants }: Pick<SetupContext, 'grants'>): string =>
  grants.has('mail-read-write-role') ? 'Application Mail.ReadWrite' : 'Application Mail.Read';

/** What sending through Graph takes: Mail.Send, and for a message that becomes a draft first, writing it. */
export const sendRolesOf = ({ grants }: Pick<SetupContext, 'grants'>): string[] => [
  'Application Mail.Send',
  ...(grants.has('mail-drafts-role') ? ['Application Mail.ReadWrite'] : []),
];

const assignment = (step: StepId, scope: string, { role, name }: MailboxRole['assigned'][number]): string =>
  `if (@($Assigned | Where-Object { $_.Name -eq ${name} }).Count -gt 0) {
    Write-Present ${name}
} elseif ($PSCmdlet.ShouldProcess(${name}, 'New-ManagementRoleAssignment')) {
    New-ManagementRoleAssignment -Name ${name} -App $ServicePrincipalId -Role '${role}' -CustomResourceScope ${scope} | Out-Null
    Add-Change '${step}' ${name} 'assignment'
}`;

const roleCommands = ({ step, assigned, roles, names }: MailboxRole): ReturnType<Writer> => {
  const [group, scope] = names;
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
${assigned.map((one) => assignment(step, scope, one)).join('\n')}`,
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
    assigned: [{ role: 'Application SMTP.SendAsApp', name: '$AssignmentName' }],
    roles: ['Application SMTP.SendAsApp'],
    names: ['$GroupName', '$ScopeName'],
  });

/** Reading through Microsoft Graph, in a group of its own: who may be read is not who may send. */
export const mailRole: Writer = (context) =>
  roleCommands({
    step: 'mail-role',
    assigned: [{ role: graphRoleOf(context), name: '$ReadAssignmentName' }],
    roles: ['Application Mail.Read', 'Application Mail.ReadWrite'],
    names: ['$ReadGroupName', '$ReadScopeName'],
  });

const SEND_ASSIGNMENTS: Readonly<Record<string, string>> = {
  'Application Mail.Send': '$SendAssignmentName',
  'Application Mail.ReadWrite': '$SendDraftAssignmentName',
};

/** Sending through Microsoft Graph, likewise in a group of its own. */
export const mailSendRole: Writer = (context) =>
  roleCommands({
    step: 'mail-send-role',
    assigned: sendRolesOf(context).map((role) => ({ role, name: SEND_ASSIGNMENTS[role] ?? '' })),
    roles: ['Application Mail.Send', 'Application Mail.ReadWrite'],
    names: ['$SendGroupName', '$SendScopeName'],
  });

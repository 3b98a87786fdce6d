/**
 * A plan as one bash script for the Azure CLI, for setting up, verifying or undoing. Exchange Online has no Azure CLI
 * command: the script says so and leaves the PowerShell for it in a file. Runs in Cloud Shell, or wherever az and bash are.
 */
import { textsIn, type Texts } from '../../manifest/index.js';
import { resourceOf } from '../catalogue.js';
import { azureCloudOf } from '../cloud-names.js';
import type { SetupPlan, SetupStep } from '../plan.js';
import { bashList, bashLiteral, comment } from '../quoting.js';
import { renderPowerShell, type ScriptMode } from '../powershell/script.js';

const FUNCTIONS = (texts: Texts): string => `say() { printf '%s\\n' "$*"; }
present() { say "  = $present: $1"; }
# Whether a change is to be made: with DRY_RUN=1 it is only named; undo asks.
change() {
  if [ -n "\${DRY_RUN:-}" ]; then say "  ? $1"; return 1; fi
  if [ "$mode" = undo ] && [ -z "\${YES:-}" ]; then
    local answer
    read -r -p "  - $1? [y/N] " answer < /dev/tty
    [ "$answer" = y ] || return 1
  fi
  say "  $sign $changed: $1"
}
# One line per change: client ID, step, target, detail, parted by tabs; the script for PowerShell reads the same.
record() { printf '%s\\t%s\\t%s\\t%s\\n' "$app_id" "$1" "$2" "$3" >> "$record_file"; }
recorded() {
  if [ -f "$record_file" ]; then awk -F '\\t' -v app="$app_id" -v step="$1" '$2 == step && (app == "" || $1 == app)' "$record_file"; fi
}
completed() {
  local left
  left=$(STEP=$1 TARGET=$2 awk -F '\\t' -v app="$app_id" '!($1 == app && $2 == ENVIRON["STEP"] && $3 == ENVIRON["TARGET"])' "$record_file")
  printf '%s' "\${left:+$left
}" > "$record_file"
}
# ID of an app role or scope by its name: ids differ where nobody looks.
permission_id() {
  local list=oauth2PermissionScopes id
  if [ "$2" = Role ]; then list=appRoles; fi
  id=$(az ad sp show --id "$1" --query "\${list}[?value=='$3'].id | [0]" -o tsv)
  if [ -z "$id" ]; then say ${around(texts.text('setup.script.noPermission'), ['"$3"', '"$1"'])} >&2; exit 1; fi
  say "$id"
}`;

function header(plan: SetupPlan, mode: ScriptMode, texts: Texts): string {
  const permissions = plan.permissions.map(
    (one) => `${resourceOf(one).appId} ${one.kind === 'application' ? 'Role' : 'Scope'} ${one.permission}`,
  );
  return [
    '#!/usr/bin/env bash',
    comment(texts.text(`setup.script.${mode}`, { app: plan.appName })),
    comment(texts.text('setup.script.bashUsage')),
    '# shellcheck disable=SC2034,SC2317 # one set of variables and functions serves every selection of steps',
    'set -euo pipefail',
    '',
    `if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] < 402)); then printf '%s\\n' ${bashLiteral(texts.text('setup.script.bashTooOld'))} >&2; exit 1; fi`,
    '',
    `# One record per tenant and app, under the name that the script for PowerShell gives it.`,
    `file_word() { printf '%s' "$1" | LC_ALL=C tr -cs 'A-Za-z0-9' '-' | LC_ALL=C tr '[:upper:]' '[:lower:]'; }`,
    `mode=${mode}`,
    `sign='${mode === 'undo' ? '-' : '+'}'`,
    `graph=${bashLiteral(`https://${plan.cloud.graphHost}`)}`,
    `default_name=${bashLiteral(plan.appName)}`,
    `app_name=\${APP_NAME:-$default_name}`,
    `quote=\\'`,
    `app_id=${bashLiteral(plan.clientId ?? '')}`,
    `sp_id=''`,
    `secret=''`,
    `secret_once=${bashLiteral(texts.text('setup.script.secretOnce'))}`,
    `secret_exists=${bashLiteral(texts.text('setup.script.secretExists'))}`,
    `secret_unknown=${bashLiteral(texts.text('setup.script.secretUnknown').replace('{0}', '').trim())}`,
    `account=${bashLiteral(plan.account ?? '')}`,
    `permissions=${permissions.map(bashLiteral).join("$'\\n'") || "''"}`,
    `redirect_uris=${bashList(plan.redirectUris.map(({ uri }) => uri))}`,
    `issuer=\${ISSUER:-${bashDefault(plan.federation?.issuer)}}`,
    `subject=\${SUBJECT:-${bashDefault(plan.federation?.subject)}}`,
    `audience=\${AUDIENCE:-${bashDefault(plan.federation?.audience ?? 'api://AzureADTokenExchange')}}`,
    `record_file=\${RECORD_FILE:-m365-email-setup-$(file_word ${bashLiteral(plan.authority)})-$(file_word "$app_name").tsv}`,
    `present=${bashLiteral(texts.text('setup.script.present'))}`,
    `changed=${bashLiteral(texts.text(mode === 'undo' ? 'setup.script.removed' : 'setup.script.changed'))}`,
    `certificate_needed=${bashLiteral(texts.text('setup.script.certificateNeeded'))}`,
    `federation_needed=${bashLiteral(texts.text('setup.script.federationNeeded'))}`,
  ].join('\n');
}

/** Inside ${NAME:-…} a single-quoted word is data too. */
function bashDefault(value: string | undefined): string {
  return value === undefined ? "''" : bashLiteral(value);
}

function signIn(plan: SetupPlan, texts: Texts): string {
  const tenant = plan.tenant === undefined ? '' : ` --tenant ${bashLiteral(plan.tenant)}`;
  return [
    `if [ "$(az cloud show --query name -o tsv)" != ${azureCloudOf(plan.cloud.id)} ]; then az cloud set --name ${azureCloudOf(plan.cloud.id)}; fi`,
    comment(texts.text('setup.script.signIn')),
    `az account show --output none 2> /dev/null || az login --allow-no-subscriptions${tenant} --output none`,
    ...(plan.tenant === undefined ? [] : [rightTenant(plan, plan.tenant, texts)]),
  ].join('\n');
}

/** An administrator of several tenants is signed in to any of them: nothing may happen in another than the connection's. */
function rightTenant({ cloud }: SetupPlan, tenant: string, texts: Texts): string {
  const discovery = `https://${cloud.authorityHost}/${tenant}/v2.0/.well-known/openid-configuration`;
  const wanted = tenant.includes('.')
    ? `$(az rest --method GET --skip-authorization-header --url ${bashLiteral(discovery)} --query issuer -o tsv | cut -d / -f 4)`
    : bashLiteral(tenant.toLowerCase());
  return `tenant_id=${wanted}
signed_in=$(az account show --query tenantId -o tsv)
if [ "$signed_in" != "$tenant_id" ]; then say ${around(texts.text('setup.script.wrongTenant'), ['"$signed_in"', '"$tenant_id"'])} >&2; exit 1; fi`;
}

function findApp(plan: SetupPlan, texts: Texts, creates: boolean): string {
  const missing = around(texts.text('setup.script.appMissing'), ['"$app_name"']);
  return `if [ -z "$app_id" ]; then app_id=$(recorded app | head -n 1 | cut -f 1); fi
if [ -z "$app_id" ]; then
  # An app of this name may be somebody else's: only a client ID, given or recorded, says which one is meant.
  found=$(az ad app list --filter "displayName eq '\${app_name//$quote/$quote$quote}'" --query '[].appId' -o tsv)
  if [ -n "$found" ]; then say ${around(texts.text('setup.script.appExists'), ['"$app_name"', '"$found"'])} >&2; exit 1; fi
${creates ? '' : `  say ${missing} >&2; exit 1\n`}else
  az ad app show --id "$app_id" --output none || { say ${missing} >&2; exit 1; }
fi
if [ -n "$app_id" ]; then sp_id=$(az ad sp list --filter "appId eq '$app_id'" --query '[0].id' -o tsv); fi`;
}

/** A text with {0} and {1} as one bash word in which variables take their places. */
function around(text: string, variables: readonly string[]): string {
  return text
    .split(/(\{\d\})/u)
    .filter((part) => part !== '')
    .map((part) => (/^\{\d\}$/u.test(part) ? (variables[Number(part[1])] ?? '') : bashLiteral(part)))
    .join('');
}

/** Exchange's part, handed over as PowerShell in a file beside the script. */
function exchangePart(plan: SetupPlan, mode: ScriptMode, steps: readonly SetupStep[], texts: Texts): string {
  if (steps.length === 0) return '';
  const script = renderPowerShell({ ...plan, steps }, mode);
  let end = 'END_OF_POWERSHELL';
  while (script.includes(end)) end += '_';
  return [
    comment(texts.text('setup.script.noAzureCli')),
    `say ${bashLiteral(texts.text('setup.script.noAzureCli'))}`,
    `printf '\\357\\273\\277' > exchange-${mode}.ps1`,
    `cat >> exchange-${mode}.ps1 <<'${end}'`,
    script.trimEnd(),
    end,
    `command="pwsh ./exchange-${mode}.ps1 -AppId $app_id${mode === 'undo' ? '' : ' -ServicePrincipalId $sp_id'}"`,
    `if [ "$app_name" != "$default_name" ]; then command="$command -AppName '\${app_name//$quote/$quote$quote}'"; fi`,
    `if [ -n "\${RECORD_FILE:-}" ]; then command="$command -RecordFile '\${RECORD_FILE//$quote/$quote$quote}'"; fi`,
    `say "$command"`,
  ].join('\n');
}

/** The script. Values reach bash as single-quoted words. @throws Failure settings-invalid for control characters */
export function renderAzureCli(plan: SetupPlan, mode: ScriptMode = 'setup'): string {
  const texts = textsIn(plan.language);
  const all = plan.steps.filter(
    ({ azureCli }) => azureCli !== undefined && (mode !== 'undo' || azureCli.undo !== ''),
  );
  const steps = mode === 'undo' ? all.toReversed() : all;
  const exchange = plan.steps.filter(({ service }) => service === 'exchange');
  const creates = mode === 'setup' && plan.steps.some(({ id }) => id === 'app');
  const blocks = steps.map((step, index) => {
    const heading = `${String(index + 1)}. ${texts.text(mode === 'undo' ? step.undoTitle : step.title, step.parameters)}`;
    return [
      comment(heading),
      ...(mode === 'setup' ? [comment(texts.text(step.why, step.parameters))] : []),
      `say ${bashLiteral(heading)}`,
      step.azureCli?.[mode === 'setup' ? 'do' : mode] ?? '',
    ].join('\n');
  });
  const needsApp = steps.length > 0;
  const usesId = needsApp || mode !== 'undo';
  return [
    header(plan, mode, texts),
    FUNCTIONS(texts),
    ...(usesId ? [signIn(plan, texts), findApp(plan, texts, creates)] : []),
    ...(mode === 'undo' ? [exchangePart(plan, mode, exchange, texts)] : []),
    ...blocks,
    ...(mode === 'undo'
      ? [
          `# What setup took away on purpose is not given back, but undo tells of it.
while IFS=$'\\t' read -r _ _ target detail; do say ${around(texts.text('setup.script.notRestored'), ['"$target"', '"$detail"'])}; done < <(recorded surplus; recorded service-principal-removed)`,
        ]
      : [exchangePart(plan, mode, exchange, texts)]),
    ...(mode === 'setup' && steps.length > 0
      ? [`say ${around(texts.text('setup.script.ids'), ['"$app_id"', '"$sp_id"'])}`]
      : []),
  ]
    .filter((block) => block !== '')
    .join('\n\n')
    .concat('\n');
}

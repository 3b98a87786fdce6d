/**
 * Azure CLI commands for what an app proves its identity with. The functions and variables are those of script.ts.
 * Must not: keep a secret; it is shown once.
 */
import { undoEach, type Writer } from './undo.js';

export const clientSecret: Writer = () => ({
  do: `soon=$(export TZ=UTC; printf '%(%Y-%m-%dT%H:%M:%SZ)T' "$(($(date +%s) + 30 * 86400))")
lasting=$(az ad app credential list --id "$app_id" --query "[?endDateTime>'$soon'].displayName | [0]" -o tsv)
if [ -n "$lasting" ] && [ -z "\${NEW_SECRET:-}" ]; then
  present "$lasting"
  say "$secret_exists"
elif change "$app_name"; then
  before=$(az ad app credential list --id "$app_id" --query '[].keyId' -o tsv)
  secret=$(az ad app credential reset --id "$app_id" --append --display-name "$app_name" --years 1 --query password -o tsv)
  say "$secret_once"
  say "$secret"
  secret=''
  # The directory may need a moment until it lists the new key.
  key_id=''
  for pause in 0 2 5 10; do
    sleep "$pause"
    key_id=$(az ad app credential list --id "$app_id" --query '[].keyId' -o tsv | grep -vxF -- "\${before:-none}" | head -n 1 || true)
    if [ -n "$key_id" ]; then break; fi
  done
  record client-secret "$app_name" "\${key_id:-unknown}"
fi`,
  verify: `az ad app credential list --id "$app_id" --query '[].{name:displayName, keyId:keyId, ends:endDateTime}' -o table`,
  undo: undoEach(
    'client-secret',
    `if [ "$detail" = unknown ]; then say "$secret_unknown $target" >&2; continue; fi
az ad app credential delete --id "$app_id" --key-id "$detail"`,
  ),
});

export const certificate: Writer = () => ({
  do: `: "\${CERTIFICATE_FILE:?$certificate_needed}"
thumbprint=$(openssl x509 -in "$CERTIFICATE_FILE" -noout -fingerprint -sha1 | cut -d= -f2 | tr -d ':')
if az ad app credential list --id "$app_id" --cert --query '[].customKeyIdentifier' -o tsv | grep -qixF -- "$thumbprint"; then
  present "$thumbprint"
elif change "$thumbprint"; then
  az ad app credential reset --id "$app_id" --append --cert "@$CERTIFICATE_FILE" --output none
  key_id=$(az ad app credential list --id "$app_id" --cert --query "[?customKeyIdentifier=='$thumbprint'].keyId | [0]" -o tsv)
  record certificate "$thumbprint" "$key_id"
fi`,
  verify: `az ad app credential list --id "$app_id" --cert --query '[].{name:displayName, keyId:keyId, ends:endDateTime}' -o table`,
  undo: undoEach('certificate', 'az ad app credential delete --id "$app_id" --cert --key-id "$detail"'),
});

export const federatedCredential: Writer = () => ({
  do: `: "\${issuer:?$federation_needed}" "\${subject:?$federation_needed}"
known=$(az ad app federated-credential list --id "$app_id" -o json | jq -r --arg issuer "$issuer" --arg subject "$subject" '.[] | select(.issuer == $issuer and .subject == $subject) | .name' | head -n 1)
if [ -n "$known" ]; then
  present "$known"
elif change "$subject"; then
  body=$(jq -n --arg name "email-connector-$(date +%s)" --arg issuer "$issuer" --arg subject "$subject" --arg audience "$audience" '{name: $name, issuer: $issuer, subject: $subject, audiences: [$audience]}')
  federation_id=$(az ad app federated-credential create --id "$app_id" --parameters "$body" --query id -o tsv)
  record federated-credential "$subject" "$federation_id"
fi`,
  verify: `az ad app federated-credential list --id "$app_id" --query '[].{name:name, issuer:issuer, subject:subject}' -o table`,
  undo: undoEach(
    'federated-credential',
    'az ad app federated-credential delete --id "$app_id" --federated-credential-id "$detail"',
  ),
});

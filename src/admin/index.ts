/** The fix-kit for administrators: what to grant, as a plan, and as scripts, links and pages made from it. */
export { renderAppManifest, type AppManifest, type RenderedManifest } from './app-manifest.js';
export { renderAzureCli } from './azure-cli/script.js';
export { featureCatalogue, findPermission, permissionCatalogue, rightsFor } from './catalogue.js';
export { renderGuide } from './guide.js';
export { renderHandover, renderHandoverMarkdown } from './handover/index.js';
export { adminConsentLinks, adminConsentUrl, portalUrl, userConsentUrl, type ConsentLink } from './links.js';
export { openingsOf, type Opening } from './openings.js';
export { planSetup, type Commands, type SetupContext, type SetupPlan, type SetupStep } from './plan.js';
export { BYTE_ORDER_MARK, renderPowerShell, type ScriptMode } from './powershell/script.js';
export { bashLiteral, html, powerShellLiteral } from './quoting.js';
export {
  METHODS,
  type CloudId,
  type Method,
  type SetupRequest,
  type SetupSettings,
  type Transport,
} from './request.js';
export { STEPS_FOR_FAILURE, type Place, type Role, type StepId } from './steps.js';
export {
  surplusInAzureCli,
  surplusInPowerShell,
  surplusOf,
  type HeldPermission,
  type SurplusPermission,
} from './surplus.js';
export { protocolOf, transportsInUse, transportsThatChange } from './transports.js';

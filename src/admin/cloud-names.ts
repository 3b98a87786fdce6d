/** What the administrators' tools call each cloud. Host names are not here: src/connection/clouds.ts has them. */
import type { CloudId } from './request.js';

interface ToolNames {
  /** Connect-MgGraph -Environment. */
  readonly graph: string;
  /** az cloud set --name. */
  readonly azure: string;
}

const NAMES: Readonly<Record<CloudId, ToolNames>> = {
  global: { graph: 'Global', azure: 'AzureCloud' },
  'gcc-high': { graph: 'USGov', azure: 'AzureUSGovernment' },
  dod: { graph: 'USGovDoD', azure: 'AzureUSGovernment' },
  china: { graph: 'China', azure: 'AzureChinaCloud' },
};

export const graphEnvironmentOf = (cloud: CloudId): string => NAMES[cloud].graph;
export const azureCloudOf = (cloud: CloudId): string => NAMES[cloud].azure;

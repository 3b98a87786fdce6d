/**
 * Stage "mail-host": is the mail server reachable and provably itself? Needs no token.
 */
import {
  probeHttps,
  probeImplicitTls,
  probeSmtpStartTls,
  routeTo,
  untilAborted,
  type Route,
} from '../../net/index.js';
import { endpointOf, type Access, type Transport } from '../access.js';
import type { Finding } from './stage.js';

export async function checkMailHost(
  access: Access,
  transport: Transport,
  signal?: AbortSignal,
): Promise<Finding> {
  const { host, port } = endpointOf(access, transport);
  const route = routeTo(access.net, host, port);
  const look = await untilAborted(probe(transport, route, port), signal);
  return { evidence: { host, port, ...look } };
}

function probe(transport: Transport, route: Route, port: number): Promise<Record<string, string>> {
  switch (transport) {
    case 'smtp':
      return probeSmtpStartTls(route, port).then((look) => ({ ...look }));
    case 'graph':
      return probeHttps(route, port).then((look) => ({ ...look }));
    default:
      return probeImplicitTls(route, port, transport).then((look) => ({ ...look }));
  }
}

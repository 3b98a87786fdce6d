/**
 * Stage "mail-host": is the mail server reachable and provably itself? Needs no token.
 */
import { probeImplicitTls, probeSmtpStartTls, routeTo, untilAborted } from '../../net/index.js';
import { endpointOf, type Access, type Transport } from '../access.js';
import type { Finding } from './stage.js';

export async function checkMailHost(
  access: Access,
  transport: Transport,
  signal?: AbortSignal,
): Promise<Finding> {
  const { host, port } = endpointOf(access, transport);
  const route = routeTo(access.net, host, port);
  const looking = transport === 'smtp' ? probeSmtpStartTls(route, port) : probeImplicitTls(route, port);
  const look = await untilAborted(looking, signal);
  return { evidence: { host, port, ...look } };
}

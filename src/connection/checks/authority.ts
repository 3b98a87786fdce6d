/**
 * Stage "authority": does Microsoft's sign-in service answer? Any HTTP answer counts; what it thinks of the
 * tenant is the next stage's business.
 */
import { exchangeHttps } from '../../net/index.js';
import type { Access } from '../access.js';
import type { Finding } from './stage.js';

export async function checkAuthority(
  { cloud, net, settings }: Access,
  signal?: AbortSignal,
): Promise<Finding> {
  const answer = await exchangeHttps(net, {
    method: 'GET',
    url: `https://${cloud.authorityHost}/${encodeURIComponent(settings.tenant)}/v2.0/.well-known/openid-configuration`,
    signal,
  });
  return { evidence: { host: cloud.authorityHost, httpStatus: answer.status } };
}

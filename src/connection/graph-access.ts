/**
 * What a session of Microsoft Graph needs: the way there, tokens that are renewed when they are refused, and names for
 * texts. Must not: know whether it reads or sends.
 */
import type { GraphContext, GraphTokens } from '../mail/index.js';
import { routeTo, untilAborted, type Route } from '../net/index.js';
import { endpointOf, grantRequest, signedInName, trusteeName, type Access, type Use } from './access.js';

export interface GraphAccess {
  readonly route: Route;
  readonly tokens: GraphTokens;
  readonly context: GraphContext;
}

/** @param use what the mailbox is opened for, so that a refusal can name the permission @throws Failure of sign-in */
export async function graphAccess(
  access: Access,
  mailbox: string,
  use: Pick<Use, 'changes' | 'sends'>,
  signal?: AbortSignal,
): Promise<GraphAccess> {
  const endpoint = endpointOf(access, 'graph');
  const request = grantRequest(access, 'graph', [{ transport: 'graph', mailbox, ...use }]);
  let held = await untilAborted(access.tokens.get(request), signal);
  const context = {
    ...endpoint,
    mailbox,
    signedIn: signedInName(access),
    trustee: trusteeName(access, held),
  };
  const tokens: GraphTokens = {
    async current() {
      held = await access.tokens.get(request);
      return held.value;
    },
    async replace(refused, claims) {
      const asked = claims === undefined ? request : { ...request, claims };
      held = await access.tokens.replace(asked, { ...held, value: refused });
      return held.value;
    },
  };
  return { route: routeTo(access.net, endpoint.host, endpoint.port), tokens, context };
}

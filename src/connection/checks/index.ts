/**
 * The connection test: all stages in order, streamed as they finish. The same code answers the form's button,
 * the command line and the API. Owns: order and dependencies. Must not: send, change or mark anything.
 */
import { Failure } from '../../errors/index.js';
import type { Check } from '../../generated/types.js';
import { authMethodOf, grantRequest, type Access, type Transport } from '../access.js';
import { untilAborted } from '../../net/index.js';
import type { HeldToken } from '../token-source.js';
import { checkAuthority } from './authority.js';
import { checkClaims } from './claims.js';
import { checkMailHost } from './mail-host.js';
import { checkReading, type ReadingTarget } from './reading.js';
import { checkSending } from './sending.js';
import { runStage } from './stage.js';

export { runStage } from './stage.js';
export type { ReadingTarget } from './reading.js';

export interface CheckPlan {
  /** What to test for reading; undefined when nothing reads. */
  readonly reading?: ReadingTarget | undefined;
  /** Mailbox that sends; undefined when nothing sends. */
  readonly sendingMailbox?: string | undefined;
}

/** Transports that share their scopes share a token, and its check. */
function transportsByScope(access: Access, transports: readonly Transport[]): Transport[][] {
  const groups = new Map<string, Transport[]>();
  for (const transport of transports) {
    const key = grantRequest(access, transport).scopes.join(' ');
    groups.set(key, [...(groups.get(key) ?? []), transport]);
  }
  return [...groups.values()];
}

/** Runs the stages after "settings". @throws only the signal's reason */
export async function* checkAccess(
  access: Access,
  plan: CheckPlan,
  signal?: AbortSignal,
): AsyncGenerator<Check> {
  const transports: Transport[] = [
    ...(plan.reading === undefined ? [] : ['imap' as const]),
    ...(plan.sendingMailbox === undefined ? [] : ['smtp' as const]),
  ];
  const authority = await runStage(
    { stage: 'authority', needs: [], work: () => checkAuthority(access, signal) },
    signal,
  );
  yield authority;

  const ready = new Map<Transport, Check[]>();
  const groups = transportsByScope(access, transports);
  for (const group of groups) {
    let token: HeldToken | undefined;
    const issued = await runStage(
      {
        stage: 'token',
        transport: groups.length > 1 ? group[0] : undefined,
        needs: [authority],
        work: async () => {
          // Always a new one: a cached token would hide a secret that was changed or revoked since.
          const request = grantRequest(access, group[0] ?? 'imap');
          const held = await untilAborted(access.tokens.get(request), signal);
          token =
            access.now() - held.obtainedAt < 1000
              ? held
              : await untilAborted(access.tokens.replace(request, held), signal);
          return {
            evidence: {
              grant: authMethodOf(access).grant,
              scopes: [...request.scopes],
              expires: new Date(token.expiresAt).toISOString(),
            },
          };
        },
      },
      signal,
    );
    yield issued;
    for (const transport of group) {
      const fitting = await runStage(
        {
          stage: 'claims',
          transport,
          needs: [issued],
          work: () => {
            if (token === undefined) throw new Failure('token-unusable');
            return Promise.resolve(checkClaims(access, transport, token));
          },
        },
        signal,
      );
      yield fitting;
      ready.set(transport, [issued, fitting]);
    }
  }

  for (const transport of transports) {
    const host = await runStage(
      { stage: 'mail-host', transport, needs: [], work: () => checkMailHost(access, transport, signal) },
      signal,
    );
    yield host;
    const needs = [...(ready.get(transport) ?? []), host];
    if (transport === 'imap' && plan.reading !== undefined)
      yield* checkReading(access, plan.reading, needs, signal);
    if (transport === 'smtp' && plan.sendingMailbox !== undefined) {
      yield* checkSending(access, plan.sendingMailbox, needs, signal);
    }
  }

  if ('clientSecret' in access.settings.authentication) {
    yield await runStage({
      stage: 'expiry',
      needs: [],
      work: () => Promise.resolve({ status: 'not-verifiable', failure: new Failure('expiry-not-visible') }),
    });
  }
}

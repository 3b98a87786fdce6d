/**
 * The connection test: all stages in order, streamed as they finish. The same code answers the form's button,
 * the command line and the API. Owns: order and dependencies. Must not: send, change or mark anything.
 */
import { Failure } from '../../errors/index.js';
import type { Check } from '../../generated/types.js';
import { untilAborted } from '../../net/index.js';
import { authMethodOf, grantRequest, type Access, type Transport, type Use } from '../access.js';
import type { HeldToken } from '../token-source.js';
import { checkAuthority } from './authority.js';
import { checkClaims } from './claims.js';
import { checkExpiry, hasExpiry } from './expiry.js';
import { checkLeastPrivilege } from './least-privilege.js';
import { checkMailHost } from './mail-host.js';
import { checkReading, type ReadingTarget } from './reading.js';
import { checkSending, type SendingTarget } from './sending.js';
import { runStage } from './stage.js';

export { expiriesOf, expiryWarning, type Expiry } from './expiry.js';
export { Settling } from './settling.js';
export { runStage } from './stage.js';
export type { ReadingTarget } from './reading.js';
export type { SendingTarget } from './sending.js';

export interface CheckPlan {
  /** What to test for reading; empty when nothing reads. */
  readonly reading: readonly ReadingTarget[];
  /** What to test for sending; empty when nothing sends. */
  readonly sending: readonly SendingTarget[];
}

/** What the plan uses which mailbox for. */
export function usesOf({ reading, sending }: CheckPlan): Use[] {
  return [
    ...reading.map(({ transport, mailbox, changes }) => ({ transport, mailbox, changes })),
    ...sending.map(({ mailbox, transport, asAnother = false }) => ({
      transport,
      mailbox,
      changes: false,
      sends: true,
      asAnother,
    })),
  ];
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

/** Always a new token: a cached one would hide a secret that was changed or revoked since. */
async function freshToken(
  access: Access,
  transport: Transport,
  uses: readonly Use[],
  signal?: AbortSignal,
): Promise<HeldToken> {
  const request = grantRequest(access, transport, uses);
  const held = await untilAborted(access.tokens.get(request), signal);
  return access.now() - held.obtainedAt < 1000
    ? held
    : untilAborted(access.tokens.replace(request, held), signal);
}

interface TokenChecks {
  /** The stages without which a transport's sign-in is pointless. */
  readonly needs: Map<Transport, Check[]>;
  readonly tokens: HeldToken[];
}

/** Stages "token" and "claims", once per set of scopes. */
async function* checkTokens(
  access: Access,
  transports: readonly Transport[],
  uses: readonly Use[],
  authority: Check,
  found: TokenChecks,
  signal?: AbortSignal,
): AsyncGenerator<Check> {
  const groups = transportsByScope(access, transports);
  for (const group of groups) {
    const [first = 'imap'] = group;
    let token: HeldToken | undefined;
    const work = async () => {
      token = await freshToken(access, first, uses, signal);
      found.tokens.push(token);
      return {
        evidence: {
          grant: authMethodOf(access).grant,
          scopes: [...grantRequest(access, first).scopes],
          expires: new Date(token.expiresAt).toISOString(),
        },
      };
    };
    const transport = groups.length > 1 ? first : undefined;
    const issued = await runStage({ stage: 'token', transport, needs: [authority], work }, signal);
    yield issued;
    for (const one of group) {
      const look = () => {
        if (token === undefined) throw new Failure('token-unusable');
        const own = uses.filter((use) => use.transport === one);
        return Promise.resolve(checkClaims(access, one, token, own));
      };
      const fitting = await runStage(
        { stage: 'claims', transport: one, needs: [issued], work: look },
        signal,
      );
      yield fitting;
      found.needs.set(one, [issued, fitting]);
    }
  }
}

/** Runs the stages after "settings". @throws only the signal's reason */
export async function* checkAccess(
  access: Access,
  plan: CheckPlan,
  signal?: AbortSignal,
): AsyncGenerator<Check> {
  const transports: Transport[] = [
    ...new Set([...plan.reading, ...plan.sending].map((target) => target.transport)),
  ];
  const authority = await runStage(
    { stage: 'authority', needs: [], work: () => checkAuthority(access, signal) },
    signal,
  );
  yield authority;

  const found: TokenChecks = { needs: new Map(), tokens: [] };
  const tokenStages: Check[] = [];
  for await (const check of checkTokens(access, transports, usesOf(plan), authority, found, signal)) {
    tokenStages.push(check);
    yield check;
  }
  // One token is enough to look at; without any there is nothing to see.
  const issued = tokenStages.filter(({ stage }) => stage === 'token');
  const needs = issued.filter(({ status }) => status === 'passed').length > 0 ? [] : issued;
  const work = () => checkLeastPrivilege(access, usesOf(plan), found.tokens, signal);
  yield await runStage({ stage: 'least-privilege', needs, work }, signal);

  for (const transport of transports) {
    const host = await runStage(
      { stage: 'mail-host', transport, needs: [], work: () => checkMailHost(access, transport, signal) },
      signal,
    );
    yield host;
    const earlier = [...(found.needs.get(transport) ?? []), host];
    yield* checkMailboxes(access, plan, transport, earlier, signal);
  }

  if (hasExpiry(access)) {
    // A sign-in that is refused does not end some day: it has ended.
    const signedIn = access.account !== undefined || authMethodOf(access).identity === 'user';
    yield await runStage(
      { stage: 'expiry', needs: signedIn ? issued : [], work: () => checkExpiry(access) },
      signal,
    );
  }
}

/** The stages that each mailbox goes through by itself, named when there are several. */
async function* checkMailboxes(
  access: Access,
  { reading, sending }: CheckPlan,
  transport: Transport,
  needs: readonly Check[],
  signal?: AbortSignal,
): AsyncGenerator<Check> {
  const named = async function* (mailbox: string, several: boolean, checks: AsyncGenerator<Check>) {
    for await (const check of checks) yield several ? { ...check, mailbox } : check;
  };
  for (const target of reading) {
    if (target.transport !== transport) continue;
    yield* named(target.mailbox, reading.length > 1, checkReading(access, target, needs, signal));
  }
  for (const target of sending) {
    if (target.transport !== transport) continue;
    yield* named(target.mailbox, sending.length > 1, checkSending(access, target, needs, signal));
  }
}

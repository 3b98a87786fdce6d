/**
 * Stage "claims": is the token for this tenant, app and service, and does it carry the permission that the
 * transport needs? Entra issues app-only tokens without any role and does not complain; only a look inside tells.
 */
import { Failure, type FailureCode } from '../../errors/index.js';
import { authMethodOf, permissionsFor, type Access, type Transport, type Use } from '../access.js';
import { graphAudiences } from '../clouds.js';
import { permissionsIn, readClaims, type TokenClaims } from '../token-claims.js';
import type { HeldToken } from '../token-source.js';
import { StageFailure, type Evidence, type Finding } from './stage.js';

/** More than this between our clock and the token's is worth a word; Kerberos and SAML use the same five minutes. */
const MAX_CLOCK_SKEW_SECONDS = 300;
const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/iu;

function evidenceOf(claims: TokenClaims): Evidence {
  const app = claims.appid ?? claims.azp;
  return {
    permissions: permissionsIn(claims),
    ...(claims.aud === undefined ? {} : { audience: claims.aud }),
    ...(claims.tid === undefined ? {} : { tenant: claims.tid }),
    ...(app === undefined ? {} : { app }),
    ...(claims.upn === undefined ? {} : { user: claims.upn }),
    ...(claims.oid === undefined ? {} : { objectId: claims.oid }),
    ...(claims.exp === undefined ? {} : { expires: new Date(claims.exp * 1000).toISOString() }),
  };
}

function mismatch(
  access: Access,
  transport: Transport,
  claims: TokenClaims,
  token: HeldToken,
): Failure | undefined {
  const { settings, cloud } = access;
  const audiences = transport === 'graph' ? graphAudiences(cloud) : cloud.mailAudiences;
  if (claims.aud !== undefined && !audiences.includes(claims.aud.replace(/\/$/u, ''))) {
    return new Failure('token-for-other-service', { parameters: { actual: claims.aud } });
  }
  // A tenant may be named by domain; only two ids can be compared.
  const { tid } = claims;
  if (
    tid !== undefined &&
    GUID.test(settings.tenant) &&
    tid.toLowerCase() !== settings.tenant.toLowerCase()
  ) {
    return new Failure('token-for-other-tenant', { parameters: { actual: tid, expected: settings.tenant } });
  }
  const app = claims.appid ?? claims.azp;
  const expected = settings.authentication.clientId;
  if (app !== undefined && app.toLowerCase() !== expected.toLowerCase()) {
    return new Failure('token-for-other-app', { parameters: { actual: app, expected } });
  }
  const issued = claims.iat ?? claims.nbf;
  const skew = issued === undefined ? 0 : Math.round(token.obtainedAt / 1000 - issued);
  // A token from Microsoft's own cache may be minutes old, but it is never from the future and never over.
  if (skew < -MAX_CLOCK_SKEW_SECONDS || (claims.exp !== undefined && claims.exp * 1000 < access.now())) {
    return new Failure('clock-wrong', { parameters: { seconds: Math.abs(skew) } });
  }
  return undefined;
}

/** @param uses of the transport, one for each mailbox */
export function checkClaims(
  access: Access,
  transport: Transport,
  token: HeldToken,
  uses: readonly Use[],
): Finding {
  const claims = readClaims(token.value);
  // Opaque by right for personal accounts: nothing to look at is not a fault.
  if (claims === undefined) return { evidence: { opaque: true } };
  const evidence = evidenceOf(claims);
  const failure = mismatch(access, transport, claims, token);
  if (failure !== undefined) throw new StageFailure(failure, evidence);
  const method = authMethodOf(access);
  const held = permissionsIn(claims);
  if (transport === 'graph') return judgeGraph(access, uses, held, evidence);
  const missing = (method.permissions[transport] ?? []).find((permission) => !held.includes(permission));
  if (missing !== undefined) {
    const parameters = { permission: missing, clientId: access.settings.authentication.clientId };
    // Exchange may let an app send by a role of its own (RBAC for Applications), which no token shows: only the sign-in
    // tells. For IMAP there is no such role.
    if (method.identity === 'app' && transport === 'smtp') {
      return { status: 'warning', evidence, failure: new Failure('smtp-role-not-in-token', { parameters }) };
    }
    const code = method.identity === 'app' ? 'role-missing' : 'scope-missing';
    throw new StageFailure(new Failure(code, { parameters }), evidence);
  }
  return { evidence };
}

/** A permission of Graph by each of the names that include it. */
function isHeld(permission: string, held: readonly string[], identity: 'app' | 'user'): boolean {
  const enough = [permission, widened(permission)];
  // What is shared with a user includes what is the user's own.
  const shared = identity === 'user' ? enough.map((name) => `${name.replace(/\.Shared$/u, '')}.Shared`) : [];
  return [...enough, ...shared].some((name) => held.includes(name));
}

/** An app that may read every mailbox has no Exchange role for changing some of them. */
const READS = new Set(['Mail.Read', 'Mail.ReadWrite']);

const widened = (permission: string): string => permission.replace(/^Mail\.Read(?=\.|$)/u, 'Mail.ReadWrite');

/** What these uses take and the token lacks; of two widths the wider, which is what there is to be granted. */
function missingFor(access: Access, uses: readonly Use[], held: readonly string[]): string[] {
  const { identity } = authMethodOf(access);
  const needed = new Set(uses.flatMap((use) => permissionsFor(access, use)));
  const missing = [...needed].filter((permission) => !isHeld(permission, held, identity));
  return missing.filter((name) => widened(name) === name || !missing.includes(widened(name)));
}

function judgeGraph(
  access: Access,
  uses: readonly Use[],
  held: readonly string[],
  evidence: Evidence,
): Finding {
  const { identity } = authMethodOf(access);
  const { clientId } = access.settings.authentication;
  const failure = (code: FailureCode, missing: readonly string[]): Failure =>
    new Failure(code, { parameters: { permission: missing.join(', '), clientId } });
  const missing = missingFor(access, uses, held);
  if (missing.length === 0) return { evidence };
  if (identity === 'user') throw new StageFailure(failure('scope-missing', missing), evidence);
  const reading = uses.filter(({ sends = false }) => !sends);
  const unread = missingFor(access, reading, held);
  if (unread.length > 0 && held.some((permission) => READS.has(permission))) {
    throw new StageFailure(failure('role-missing', unread), evidence);
  }
  return { status: 'warning', evidence, failure: failure('mail-role-not-in-token', missing) };
}

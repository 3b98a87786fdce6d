/** Puts a token back into a recorded answer: the claims that were named, with values that fit the request. */
import { parametersOf } from './bundle.js';

interface RecordedToken {
  readonly claims: readonly string[];
  readonly aud: string;
  readonly roles?: readonly string[];
  readonly scp?: string;
}

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/iu;
const UNKNOWN_ID = '00000000-0000-4000-8000-999999999999';

function jwt(token: RecordedToken, tenant: string, clientId: string): string {
  const now = Math.floor(Date.now() / 1000);
  const known: Readonly<Record<string, unknown>> = {
    tid: GUID.test(tenant) ? tenant : UNKNOWN_ID,
    appid: clientId,
    azp: clientId,
    oid: UNKNOWN_ID,
    exp: now + 3600,
    iat: now,
    nbf: now,
    aud: GUID.test(token.aud) ? token.aud : `https://${token.aud}`,
    roles: token.roles,
    scp: token.scp,
  };
  const claims = Object.fromEntries(token.claims.map((name) => [name, known[name] ?? 'recorded']));
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ typ: 'JWT', alg: 'RS256' })}.${part(claims)}.${Buffer.from('signature').toString('base64url')}`;
}

/** The recorded answer with tokens that a client can use. */
export function mintedToken(answer: string, request: string): string {
  const [head = '', body = ''] = answer.split('\n\n');
  let members: Record<string, unknown>;
  try {
    members = JSON.parse(body) as Record<string, unknown>;
  } catch {
    return answer;
  }
  const tenant = request.split('/')[1] ?? '';
  const clientId = parametersOf(request).get('client_id') ?? UNKNOWN_ID;
  for (const name of ['access_token', 'id_token']) {
    const token = members[name];
    if (typeof token === 'object' && token !== null)
      members[name] = jwt(token as RecordedToken, tenant, clientId);
  }
  return `${head}\n\n${JSON.stringify(members)}`;
}

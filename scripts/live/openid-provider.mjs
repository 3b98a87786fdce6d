/**
 * Owns the certified OpenID provider (npm `oidc-provider`) that plays Microsoft Entra's token service, behind HTTPS on
 * loopback. It hears three kinds of questions: an app asks for a token and a browser signs a user in (both through
 * login-shim.mjs), and Dovecot asks whether a token is good (directly, as an authenticated introspection client). Only
 * configuration here, no judgement.
 *
 * Users sign in on the provider's own development pages, which take any password: who somebody is gets judged there no
 * more than a screen could. What is judged is all that follows: PKCE, redirect URIs, codes that work once, and refresh
 * tokens that change with every use - using a former one revokes the whole sign-in.
 *
 * How tokens are judged - what was tried, and what is used:
 * - JWT access tokens with introspection: impossible. The provider refuses to introspect any structured token
 *   ("Structured JWT Tokens cannot be introspected via the introspection_endpoint").
 * - JWT access tokens validated by Dovecot itself: possible, but then Dovecot judges signature, issuer and expiry and
 *   nothing else (no audience), and the token's header has to be rewritten for it ('at+jwt' → 'JWT').
 * - Opaque access tokens with introspection: USED. The provider judges every single sign-in: whether it issued the
 *   token, whether it has expired, and - by `allowedPolicy` - whether the mail servers are the audience.
 * So tokens here carry no readable claims, as those of personal Microsoft accounts do not either.
 */
import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import Provider, { errors } from 'oidc-provider';

const USER_RESOURCE = 'https://outlook.office.com';
const MAIL_AUDIENCES = ['https://outlook.office365.com', USER_RESOURCE];
const AUDIENCES = [...MAIL_AUDIENCES, 'https://graph.microsoft.com'];
/** As long as Exchange Online's tokens (about 1.8 kB), so that line limits on the way are tried in earnest. */
const TOKEN_CHARACTERS = 1_800;
const BITS_PER_CHARACTER = 6;
const LONG_KINDS = ['AccessToken', 'ClientCredentials', 'RefreshToken', 'AuthorizationCode'];
/** Scopes are named as Microsoft names them: with the resource in front. */
const USER_SCOPES = ['IMAP.AccessAsUser.All', 'POP.AccessAsUser.All', 'SMTP.Send'].map(
  (permission) => `${USER_RESOURCE}/${permission}`,
);

/**
 * Starts the provider; `people` maps names to { address, clientId, clientSecret }, `userApps` are the registrations
 * through which users sign in. What it decides goes to the file `log`, a line of JSON each, never a token.
 */
export async function startOpenIdProvider({ port, certificates, people, userApps, tenantId, log }) {
  const issuer = `https://localhost:${port}`;
  const mailServers = { clientId: 'mail-servers', clientSecret: randomBytes(24).toString('hex') };
  const mailboxOf = new Map(Object.values(people).map((person) => [person.clientId, person.address]));

  const objectIdOf = (address) => createHash('sha256').update(address).digest('hex').slice(0, 32);
  const addresses = new Set(Object.values(people).map((person) => person.address));

  const provider = new Provider(issuer, {
    clients: [
      ...userClients(userApps),
      ...Object.values(people).map((person) => ({
        client_id: person.clientId,
        client_secret: person.clientSecret,
        token_endpoint_auth_method: 'client_secret_post',
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
      })),
      {
        client_id: mailServers.clientId,
        client_secret: mailServers.clientSecret,
        token_endpoint_auth_method: 'client_secret_basic',
        grant_types: [],
        redirect_uris: [],
        response_types: [],
      },
    ],
    features: {
      devInteractions: { enabled: true },
      clientCredentials: { enabled: true },
      deviceFlow: { enabled: true },
      introspection: {
        enabled: true,
        // Dovecot does not look at the audience: the provider does it when Dovecot asks.
        allowedPolicy: (_ctx, client, token) =>
          client.clientId === mailServers.clientId && MAIL_AUDIENCES.includes(token.aud),
      },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => undefined,
        getResourceServerInfo: (_ctx, audience) => {
          if (!AUDIENCES.includes(audience)) throw new errors.InvalidTarget();
          const scope = audience === USER_RESOURCE ? USER_SCOPES.join(' ') : '';
          return { scope, audience, accessTokenFormat: 'opaque' };
        },
      },
    },
    // The id token of Microsoft names the user by these; MSAL reads nothing else.
    findAccount: (_ctx, address) =>
      addresses.has(address)
        ? {
            accountId: address,
            claims: () => ({
              sub: address,
              preferred_username: address,
              oid: objectIdOf(address),
              tid: tenantId,
            }),
          }
        : undefined,
    claims: { openid: ['sub'], profile: ['preferred_username', 'oid', 'tid'] },
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    // Stricter than Microsoft, which lets former refresh tokens live: whoever stores the new one too late is found out.
    rotateRefreshToken: true,
    // An app-only token names no user, but Dovecot wants one that equals the SASL user: each app is bound to one mailbox.
    extraTokenClaims: (_ctx, token) => ({ upn: token.accountId ?? mailboxOf.get(token.clientId) }),
    formats: {
      bitsOfOpaqueRandomness: (_ctx, token) =>
        LONG_KINDS.includes(token.kind) ? TOKEN_CHARACTERS * BITS_PER_CHARACTER : 256,
    },
    ttl: {
      ClientCredentials: 3_600,
      AccessToken: 3_600,
      AuthorizationCode: 600,
      DeviceCode: 900,
      IdToken: 3_600,
      RefreshToken: 86_400,
      Grant: 86_400,
      Session: 86_400,
      Interaction: 3_600,
    },
    jwks: { keys: [signingKey()] },
    cookies: { keys: [randomBytes(24).toString('hex')] },
  });

  keepLog(provider, log);

  const server = createServer(
    { key: readFileSync(certificates.keyFile), cert: readFileSync(certificates.certificateFile) },
    provider.callback(),
  );
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    issuer,
    /** With the mail servers' own credentials in it, the way Dovecot's `introspection_url` wants them. */
    introspectionUrl: `https://${mailServers.clientId}:${mailServers.clientSecret}@localhost:${port}/token/introspection`,
    stop() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A public client for browsers on the user's machine and device codes, and a confidential one behind a web server. */
function userClients({ desktop, web }) {
  const common = { response_types: ['code'] };
  const codes = ['authorization_code', 'refresh_token'];
  return [
    {
      ...common,
      client_id: desktop.clientId,
      token_endpoint_auth_method: 'none',
      application_type: 'native',
      grant_types: [...codes, 'urn:ietf:params:oauth:grant-type:device_code'],
      redirect_uris: [desktop.redirectUri],
    },
    {
      ...common,
      client_id: web.clientId,
      client_secret: web.clientSecret,
      token_endpoint_auth_method: 'client_secret_post',
      grant_types: codes,
      redirect_uris: [web.redirectUri],
    },
  ];
}

/** Grants, refusals and revoked sign-ins, for tests to count. */
function keepLog(provider, file) {
  writeFileSync(file, '', { mode: 0o600 });
  const write = (entry) => appendFileSync(file, `${JSON.stringify(entry)}\n`);
  const facts = ({ oidc }) => ({ client: oidc?.client?.clientId, grant: oidc?.params?.grant_type });
  provider.on('grant.success', (ctx) => write({ event: 'granted', ...facts(ctx) }));
  provider.on('grant.error', (ctx, error) =>
    write({ event: 'refused', ...facts(ctx), error: error.message, detail: error.error_detail }),
  );
  provider.on('grant.revoked', (ctx) => write({ event: 'revoked', ...facts(ctx) }));
  provider.on('authorization.error', (_ctx, error) =>
    write({ event: 'authorization-error', error: error.message, detail: error.error_detail }),
  );
  provider.on('server_error', (_ctx, error) => write({ event: 'server-error', error: String(error.stack) }));
}

function signingKey() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), kid: 'live', use: 'sig', alg: 'RS256' };
}

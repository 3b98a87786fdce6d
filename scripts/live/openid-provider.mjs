/**
 * Owns the certified OpenID provider (npm `oidc-provider`) that plays Microsoft Entra's token service, behind HTTPS on
 * loopback. It hears two kinds of questions: an app asks for a token (through login-shim.mjs), and Dovecot asks whether
 * a token is good (directly, as an authenticated introspection client). Only configuration here, no judgement.
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
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import Provider, { errors } from 'oidc-provider';

const MAIL_AUDIENCES = ['https://outlook.office365.com', 'https://outlook.office.com'];
const AUDIENCES = [...MAIL_AUDIENCES, 'https://graph.microsoft.com'];
/** As long as Exchange Online's tokens (about 1.8 kB), so that line limits on the way are tried in earnest. */
const TOKEN_CHARACTERS = 1_800;
const BITS_PER_CHARACTER = 6;

/** Starts the provider; `people` maps names to { address, clientId, clientSecret }. */
export async function startOpenIdProvider({ port, certificates, people }) {
  const issuer = `https://localhost:${port}`;
  const mailServers = { clientId: 'mail-servers', clientSecret: randomBytes(24).toString('hex') };
  const mailboxOf = new Map(Object.values(people).map((person) => [person.clientId, person.address]));

  const provider = new Provider(issuer, {
    clients: [
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
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
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
          return { scope: '', audience, accessTokenFormat: 'opaque' };
        },
      },
    },
    // An app-only token names no user, but Dovecot wants one that equals the SASL user: each app is bound to one mailbox.
    extraTokenClaims: (_ctx, token) => ({ upn: mailboxOf.get(token.clientId) }),
    formats: { bitsOfOpaqueRandomness: TOKEN_CHARACTERS * BITS_PER_CHARACTER },
    ttl: { ClientCredentials: 3_600 },
    jwks: { keys: [signingKey()] },
    cookies: { keys: [randomBytes(24).toString('hex')] },
  });

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

function signingKey() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), kid: 'live', use: 'sig', alg: 'RS256' };
}

/**
 * HTTPS as the live tests speak it: to the host's real name, verified against the tenant's root, over the host map.
 * Independent of src/net on purpose, so that the product does not vouch for itself.
 */
import { request } from 'node:https';
import type { INetworkModule, NetworkResponse } from '@azure/msal-node';

/** What is needed of a tenant to reach it, live or sandbox. */
export interface Reach {
  readonly hosts: Readonly<Record<string, string>>;
  readonly ca: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** Loopback host and port of a host that Microsoft names, for instance "outlook.office365.com:993". */
export function addressOf(reach: Reach, name: string): { host: string; port: number } {
  const [host, port] = (reach.hosts[name] ?? '').split(':');
  if (host === undefined || port === undefined) throw new Error(`The tenant does not play ${name}.`);
  return { host, port: Number(port) };
}

export function exchange(
  reach: Reach,
  url: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<HttpAnswer> {
  const { hostname, pathname, search } = new URL(url);
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        ...addressOf(reach, `${hostname}:443`),
        servername: hostname,
        ca: reach.ca,
        agent: false,
        path: pathname + search,
        method: options.method ?? 'GET',
        headers: { ...options.headers, host: hostname },
      },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.once('error', reject);
        answer.once('end', () => {
          const headers = Object.entries(answer.headers).map(([name, value]) => [name, String(value)]);
          resolve({
            status: answer.statusCode ?? 0,
            headers: Object.fromEntries(headers) as Record<string, string>,
            body: Buffer.concat(chunks).toString('utf8'),
          });
        });
      },
    );
    outgoing.once('error', reject);
    outgoing.end(options.body);
  });
}

export function postForm(reach: Reach, url: string, form: Record<string, string>): Promise<HttpAnswer> {
  return exchange(reach, url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(form).toString(),
  });
}

/** A token for the mail protocols by client credentials, asked for with nothing but node:https. */
export async function appToken(
  reach: Reach,
  app: { tenantId: string; clientId: string; clientSecret: string; resource?: string },
): Promise<string> {
  const { status, body } = await postForm(
    reach,
    `https://login.microsoftonline.com/${app.tenantId}/oauth2/v2.0/token`,
    {
      grant_type: 'client_credentials',
      client_id: app.clientId,
      client_secret: app.clientSecret,
      scope: `${app.resource ?? 'https://outlook.office365.com'}/.default`,
    },
  );
  if (status !== 200) throw new Error(`The token endpoint answered ${status}: ${body}`);
  return (JSON.parse(body) as { access_token: string }).access_token;
}

/** The HTTP layer of MSAL over the host map; nothing else of MSAL is replaced. */
export function msalNetwork(reach: Reach): INetworkModule {
  const send = async <T>(
    method: string,
    url: string,
    options?: { headers?: Record<string, string>; body?: string },
  ): Promise<NetworkResponse<T>> => {
    const { status, headers, body } = await exchange(reach, url, { method, ...options });
    return { status, headers, body: JSON.parse(body) as T };
  };
  return {
    sendGetRequestAsync: (url, options) => send('GET', url, options),
    sendPostRequestAsync: (url, options) => send('POST', url, options),
  };
}

/**
 * The barest clients for the sandbox's servers: bytes out, lines in. They know no protocol beyond where an answer
 * ends, so that a test sees exactly what the server said.
 */
import { once } from 'node:events';
import { request } from 'node:https';
import type { Socket } from 'node:net';
import { connect as connectPlain } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Sandbox } from '../../../src/sandbox/index.js';
import { DEMO } from '../../../src/sandbox/index.js';

export const OUTLOOK = 'https://outlook.office365.com';
export const ANNA: string = DEMO.people.anna.address;
export const BERND: string = DEMO.people.bernd.address;

export function address(sandbox: Sandbox, name: string): { host: string; port: number } {
  const [host = '', port = ''] = (sandbox.hosts[name] ?? '').split(':');
  return { host, port: Number(port) };
}

/** What the token endpoint may answer; a test reads only what it has reason to expect. */
export interface LoginJson {
  readonly access_token: string;
  readonly id_token: string;
  readonly refresh_token: string;
  readonly client_info: string;
  readonly expires_in: number;
  readonly error: string;
  readonly error_codes: number[];
  readonly error_description: string;
  readonly suberror?: string;
  readonly [other: string]: unknown;
}

export interface HttpAnswer {
  readonly status: number;
  readonly json: LoginJson;
}

export function callLogin(
  sandbox: Sandbox,
  path: string,
  form?: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<HttpAnswer> {
  return ask(
    sandbox,
    'login.microsoftonline.com',
    path,
    { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    form === undefined ? undefined : new URLSearchParams(form).toString(),
  );
}

function ask(
  sandbox: Sandbox,
  host: string,
  path: string,
  headers: Record<string, string>,
  body?: string,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        ...address(sandbox, `${host}:443`),
        servername: host,
        ca: sandbox.ca,
        path,
        method: body === undefined ? 'GET' : 'POST',
        headers: { connection: 'close', ...headers },
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          resolve({ status: incoming.statusCode ?? 0, json: JSON.parse(text) as HttpAnswer['json'] });
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** A GET of Microsoft Graph. */
export function callGraph(sandbox: Sandbox, path: string, token: string): Promise<HttpAnswer> {
  return ask(sandbox, 'graph.microsoft.com', path, { authorization: `Bearer ${token}` });
}

export function requestToken(
  sandbox: Sandbox,
  form: Record<string, string>,
  tenant = sandbox.tenantId,
): Promise<HttpAnswer> {
  return callLogin(sandbox, `/${tenant}/oauth2/v2.0/token`, form);
}

export const APP_GRANT = {
  grant_type: 'client_credentials',
  client_id: DEMO.daemon.clientId,
  client_secret: DEMO.daemon.clientSecret,
  scope: `${OUTLOOK}/.default`,
};

export const USER_GRANT = {
  grant_type: 'password',
  client_id: DEMO.signIn.clientId,
  username: ANNA,
  password: DEMO.people.anna.password,
  scope:
    'https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send openid offline_access',
};

export async function appToken(sandbox: Sandbox, changes: Record<string, string> = {}): Promise<string> {
  return (await requestToken(sandbox, { ...APP_GRANT, ...changes })).json.access_token;
}

/** A token of the app that reads over POP3. */
export function popToken(sandbox: Sandbox, changes: Record<string, string> = {}): Promise<string> {
  const { clientId, clientSecret } = DEMO.pop3;
  return appToken(sandbox, { client_id: clientId, client_secret: clientSecret, ...changes });
}

export async function userToken(sandbox: Sandbox, changes: Record<string, string> = {}): Promise<string> {
  return (await requestToken(sandbox, { ...USER_GRANT, ...changes })).json.access_token;
}

export function xoauth2(user: string, token: string): string {
  return Buffer.from(`user=${user}\x01auth=Bearer ${token}\x01\x01`).toString('base64');
}

/** A socket one can read from up to a pattern. Text is one character per byte. */
export class Wire {
  socket: Socket;
  #received = '';
  #isClosed = false;
  #wake: () => void = () => undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    this.#listen();
  }

  /** Everything up to and including what the pattern matches; rejects with what was read when the server hangs up. */
  async until(pattern: RegExp): Promise<string> {
    for (;;) {
      const match = pattern.exec(this.#received);
      if (match !== null) {
        const end = match.index + match[0].length;
        const text = this.#received.slice(0, end);
        this.#received = this.#received.slice(end);
        return text;
      }
      if (this.#isClosed) throw new Error(`Closed after: ${JSON.stringify(this.#received)}`);
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** Everything until the server hangs up. */
  async untilClosed(): Promise<string> {
    while (!this.#isClosed) await new Promise<void>((resolve) => (this.#wake = resolve));
    const text = this.#received;
    this.#received = '';
    return text;
  }

  write(text: string): void {
    this.socket.write(Buffer.from(text, 'latin1'));
  }

  async startTls(sandbox: Sandbox, servername: string): Promise<void> {
    this.socket.removeAllListeners('data');
    const secure = connectTls({ socket: this.socket, ca: sandbox.ca, servername });
    await once(secure, 'secureConnect');
    this.socket = secure;
    this.#listen();
  }

  close(): void {
    this.socket.destroy();
  }

  #listen(): void {
    this.socket.on('data', (chunk: Buffer) => {
      this.#received += chunk.toString('latin1');
      this.#wake();
    });
    this.socket.on('error', () => undefined);
    this.socket.on('close', () => {
      this.#isClosed = true;
      this.#wake();
    });
  }
}

export class ImapClient extends Wire {
  /** The connection below TLS. */
  raw: Socket | undefined;
  #tag = 0;

  static async connect(sandbox: Sandbox): Promise<ImapClient> {
    const raw = connectPlain(address(sandbox, 'outlook.office365.com:993'));
    const socket = connectTls({ socket: raw, servername: 'outlook.office365.com', ca: sandbox.ca });
    await once(socket, 'secureConnect');
    const client = new ImapClient(socket);
    client.raw = raw;
    await client.until(/\r\n/u);
    return client;
  }

  /** Connected, signed in, and with a folder selected when one is named. */
  static async open(sandbox: Sandbox, mailbox = ANNA, folder?: string): Promise<ImapClient> {
    const client = await ImapClient.connect(sandbox);
    await client.run(`AUTHENTICATE XOAUTH2 ${xoauth2(mailbox, await appToken(sandbox))}`);
    if (folder !== undefined) await client.run(`SELECT "${folder}"`);
    return client;
  }

  /** The whole answer to a command, its tag replaced by 'T'. */
  async run(command: string): Promise<string> {
    const tag = `A${++this.#tag}`;
    this.write(`${tag} ${command}\r\n`);
    return (await this.until(new RegExp(`(?:^|\\n)${tag} [^\\r\\n]*\\r\\n`, 'u'))).replace(
      new RegExp(`(^|\\n)${tag} (?=[^\\r\\n]*\\r\\n$)`, 'u'),
      '$1T ',
    );
  }
}

export class SmtpClient extends Wire {
  static async connect(sandbox: Sandbox): Promise<SmtpClient> {
    const socket = connectPlain(address(sandbox, 'smtp.office365.com:587'));
    await once(socket, 'connect');
    const client = new SmtpClient(socket);
    await client.reply();
    return client;
  }

  /** Connected, with TLS, after the second EHLO. */
  static async secure(sandbox: Sandbox): Promise<SmtpClient> {
    const client = await SmtpClient.connect(sandbox);
    await client.run('EHLO client.example');
    await client.run('STARTTLS');
    await client.startTls(sandbox, 'smtp.office365.com');
    await client.run('EHLO client.example');
    return client;
  }

  static async signedIn(sandbox: Sandbox, mailbox = ANNA): Promise<SmtpClient> {
    const client = await SmtpClient.secure(sandbox);
    await client.run(`AUTH XOAUTH2 ${xoauth2(mailbox, await appToken(sandbox))}`);
    return client;
  }

  reply(): Promise<string> {
    return this.until(/^(?:\d{3}-.*\r\n)*\d{3} .*\r\n/u);
  }

  run(command: string): Promise<string> {
    this.write(`${command}\r\n`);
    return this.reply();
  }

  /** One message from MAIL to the reply after the final dot. */
  async send(from: string, recipients: readonly string[], message: string): Promise<string> {
    await this.run(`MAIL FROM:<${from}>`);
    for (const recipient of recipients) await this.run(`RCPT TO:<${recipient}>`);
    await this.run('DATA');
    return this.run(`${message}\r\n.`);
  }
}

export class Pop3Client extends Wire {
  static async connect(sandbox: Sandbox): Promise<Pop3Client> {
    const socket = connectTls({
      ...address(sandbox, 'outlook.office365.com:995'),
      servername: 'outlook.office365.com',
      ca: sandbox.ca,
    });
    await once(socket, 'secureConnect');
    return new Pop3Client(socket);
  }

  /** Connected and signed in as the app. */
  static async open(sandbox: Sandbox, mailbox = ANNA): Promise<Pop3Client> {
    const client = await Pop3Client.connect(sandbox);
    await client.line();
    await client.signIn(mailbox, await popToken(sandbox));
    return client;
  }

  line(): Promise<string> {
    return this.until(/^.*\r\n/u);
  }

  /** A command that is answered by one line. */
  run(command: string): Promise<string> {
    this.write(`${command}\r\n`);
    return this.line();
  }

  /** A command that is answered by more lines: with the status line and the final dot, or the refusal alone. */
  lines(command: string): Promise<string> {
    this.write(`${command}\r\n`);
    return this.until(/^(?:-ERR.*\r\n|(?:.*\r\n)*?\.\r\n)/u);
  }

  /** The answer to the second line of XOAUTH2. */
  async signIn(mailbox: string, token: string): Promise<string> {
    await this.run('AUTH XOAUTH2');
    return this.run(xoauth2(mailbox, token));
  }
}

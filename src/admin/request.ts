/**
 * What the fix-kit is asked for, and its judgement: every value ends up in a script that an administrator runs, so
 * nothing passes that is not what it says it is. Must not: decide which steps follow.
 */
import { Failure } from '../errors/index.js';
import type { FieldProblem } from '../generated/types.js';
import type { HeldPermission } from './surplus.js';
import { isPlain } from './quoting.js';

/** What reaches a mailbox for what: Microsoft Graph serves both, with other rights for reading than for sending. */
export type Transport = 'imap' | 'pop3' | 'graph' | 'smtp' | 'graph-send';
export type CloudId = 'global' | 'gcc-high' | 'dod' | 'china';
export type Method =
  'client-secret' | 'certificate' | 'federated-credential' | 'sign-in' | 'device-code' | 'password';

/** Settings of a connection, or as much of them as there is before the app exists. Secrets in it are not looked at. */
export interface SetupSettings {
  readonly cloud?: CloudId;
  readonly tenant: string;
  readonly mailbox: string;
  readonly allowedMailboxes?: readonly string[];
  readonly authentication: {
    readonly method: string;
    /** Absent before the app is registered: the script creates the app, or finds it by `appName`. */
    readonly clientId?: string;
    /** Who signs in, when it is not the mailbox itself. */
    readonly account?: string;
    readonly userName?: string;
    /** Only whether there is one counts: it makes a redirect URI one of the platform Web. */
    readonly clientSecret?: unknown;
  };
  /** Display name of the app registration. */
  readonly appName?: string;
  readonly redirectUris?: readonly string[];
}

export interface SetupRequest {
  readonly settings: SetupSettings;
  /** What the activities in use need. */
  readonly transports: readonly Transport[];
  /** Those over which an activity marks, moves or deletes what it has read; default: none. */
  readonly changingOver?: readonly Transport[];
  /** Mailboxes that activities open; default: the connection's own and its allowed ones. */
  readonly mailboxes?: readonly string[];
  /** Addresses other than the mailbox that messages come from. */
  readonly sendAs?: readonly { readonly mailbox: string; readonly as: string }[];
  /** Whether files over 2 MB are sent; over Microsoft Graph these take a further right. Default: no. */
  readonly largeFiles?: boolean;
  /** Codes of failed checks, or ids of steps: only the steps that they call for. */
  readonly only?: readonly string[];
  /** BCP 47 language of comments and pages. */
  readonly language: string;
  /**
   * How an app may send: by the permission SMTP.SendAsApp and FullAccess (default), or by the Exchange role
   * "Application SMTP.SendAsApp" on a group of mailboxes, which needs neither.
   */
  readonly smtpThrough?: 'mailbox-permission' | 'exchange-role';
  /** For federated-credential: who vouches for the machine. The script asks for what is not given. */
  readonly federation?: { readonly issuer: string; readonly subject: string; readonly audience?: string };
  /** Permissions that the app holds now; with `only: ['rights-surplus']` the script takes the surplus away. */
  readonly held?: readonly HeldPermission[];
}

export const METHODS: Readonly<Record<Method, { readonly identity: 'app' | 'user' }>> = {
  'client-secret': { identity: 'app' },
  certificate: { identity: 'app' },
  'federated-credential': { identity: 'app' },
  'sign-in': { identity: 'user' },
  'device-code': { identity: 'user' },
  password: { identity: 'user' },
};

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/iu;
const TENANT = /^[A-Z0-9][A-Z0-9.-]{0,253}$/iu;
const ADDRESS = /^[^\s@<>]{1,256}@[^\s@<>]{1,255}$/u;
const REDIRECT = /^(?:https:\/\/|http:\/\/localhost(?=[:/]|$)|http:\/\/127\.0\.0\.1(?=[:/]|$))[^\s<>"]*$/u;
const CLOUD_IDS: readonly string[] = ['global', 'gcc-high', 'dod', 'china'];

const FORM = 'connections.microsoft365';

/** @throws Failure settings-invalid with one problem per field */
export function assertUsable(request: SetupRequest): void {
  const { settings } = request;
  const problems: FieldProblem[] = [];
  const check = (holds: boolean, pointer: string, label: string): void => {
    if (!holds) problems.push({ pointer, label, rule: 'pattern' });
  };
  const text = (value: unknown, form: RegExp): boolean =>
    typeof value === 'string' && isPlain(value) && form.test(value);
  const optional = (value: unknown, form: RegExp): boolean => value === undefined || text(value, form);

  check(CLOUD_IDS.includes(settings.cloud ?? 'global'), '/cloud', `${FORM}.cloud.label`);
  check(text(settings.tenant, TENANT), '/tenant', `${FORM}.tenant.label`);
  const { authentication } = settings;
  check(
    Object.hasOwn(METHODS, authentication.method),
    '/authentication/method',
    `${FORM}.authentication.method.label`,
  );
  check(
    optional(authentication.clientId, GUID),
    '/authentication/clientId',
    `${FORM}.authentication.clientId.label`,
  );
  const addresses = [
    ['/mailbox', settings.mailbox],
    ...(settings.allowedMailboxes ?? []).map((one, index) => [`/allowedMailboxes/${String(index)}`, one]),
    ...(request.mailboxes ?? []).map((one, index) => [`/mailboxes/${String(index)}`, one]),
    ...(request.sendAs ?? []).flatMap(({ mailbox, as }, index) => [
      [`/sendAs/${String(index)}/mailbox`, mailbox],
      [`/sendAs/${String(index)}/as`, as],
    ]),
    ...[authentication.account, authentication.userName].map((one) => [
      '/authentication/account',
      one ?? settings.mailbox,
    ]),
  ];
  for (const [pointer = '', value] of addresses) {
    check(text(value, ADDRESS), pointer, 'common.fields.address.label');
  }
  const others = [
    ['/appName', settings.appName, /^.{1,120}$/u],
    ...(settings.redirectUris ?? []).map((uri, index) => [`/redirectUris/${String(index)}`, uri, REDIRECT]),
    ['/federation/issuer', request.federation?.issuer, /^https:\/\/\S{1,590}$/u],
    ['/federation/subject', request.federation?.subject, /^.{1,600}$/u],
    ['/federation/audience', request.federation?.audience, /^.{1,600}$/u],
  ] as const;
  for (const [pointer, value, form] of others) {
    check(optional(value, form as RegExp), pointer as string, 'common.fields.value.label');
  }
  for (const [index, { permission }] of (request.held ?? []).entries()) {
    check(
      text(permission, /^[\w.-]{1,120}$/u),
      `/held/${String(index)}/permission`,
      'common.fields.value.label',
    );
  }
  if (problems.length > 0) throw new Failure('settings-invalid', { problems });
}

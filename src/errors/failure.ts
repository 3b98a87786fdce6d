/**
 * The one error class of the product. Owns: kind, code and facts of what went wrong.
 * Must not: hold text for a reader (locales/ does, rendered at the edge) or anything secret.
 */
import { types } from 'node:util';
import { FAILURES } from '../generated/failures.js';
import type { FailureReport, FieldProblem } from '../generated/types.js';
import { redact } from './redact.js';

export type FailureCode = keyof typeof FAILURES;
export type FailureKind = FailureReport['kind'];

export interface FailureFacts {
  /** Values that the texts of the code name. Never secret. */
  readonly parameters?: Readonly<Record<string, string | number | boolean>>;
  /** One entry per field, for settings-invalid and input-invalid. */
  readonly problems?: readonly FieldProblem[];
  /** The server's own words; tokens in them are blanked out. */
  readonly serverText?: string | undefined;
  readonly correlationId?: string | undefined;
  /** Id of the server's answer in the catalogue of replies. */
  readonly reply?: string | undefined;
  /** Page about this very answer; the catalogue has one for the code. */
  readonly docs?: string | undefined;
  /** How long the server asked to wait, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/** How deep causes are followed. */
const MAX_CAUSES = 8;

/** An error as it may be printed: name, code, message and stack, without whatever else a library put into it. */
function printable(cause: unknown, depth = 0): unknown {
  if (isFailure(cause) || cause === undefined) return cause;
  if (!types.isNativeError(cause)) return undefined;
  const inner = depth < MAX_CAUSES ? printable(cause.cause, depth + 1) : undefined;
  const copy = new Error(redact(cause.message), inner === undefined ? {} : { cause: inner });
  const code = (cause as { code?: unknown }).code;
  Object.defineProperty(copy, 'name', { value: cause.name });
  Object.defineProperty(copy, 'stack', { value: redact(cause.stack ?? '') });
  return typeof code === 'string' ? Object.assign(copy, { code }) : copy;
}

const MARK = Symbol.for('m365-email-connector.failure');

export class Failure extends Error {
  override readonly name = 'Failure';
  readonly kind: FailureKind;
  readonly code: FailureCode;
  readonly actor: FailureReport['actor'];
  readonly facts: Omit<FailureFacts, 'cause'>;

  constructor(code: FailureCode, facts: FailureFacts = {}) {
    const { cause, ...rest } = facts;
    const serverText = rest.serverText === undefined ? undefined : redact(rest.serverText);
    super(serverText === undefined ? code : `${code}: ${serverText}`);
    this.code = code;
    this.kind = FAILURES[code].kind;
    this.actor = FAILURES[code].actor;
    this.facts = { ...rest, serverText };
    // A library's error may carry what it sent or was answered, a token included; Node prints the causes of an uncaught
    // error with all their fields.
    Object.defineProperty(this, 'cause', { value: printable(cause), enumerable: false, configurable: true });
    Object.defineProperty(this, MARK, { value: true, enumerable: false });
  }

  /** A repeat can help. Follows from the kind, never set by hand. */
  get retryable(): boolean {
    return this.kind === 'throttled' || this.kind === 'transient';
  }

  /** What console.log() and loggers print: never the cause, whose fields may hold what was sent to the server. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `${this.stack ?? this.message} ${JSON.stringify(this.toJSON())}`;
  }

  /** The failure as data, valid against schemas/common/failure.schema.json. */
  toJSON(): FailureReport {
    const { parameters, problems, serverText, correlationId, reply, docs, retryAfterMs } = this.facts;
    return {
      kind: this.kind,
      code: this.code,
      actor: this.actor,
      retryable: this.retryable,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs: Math.max(0, Math.round(retryAfterMs)) }),
      ...(parameters === undefined ? {} : { parameters: { ...parameters } }),
      ...(problems === undefined ? {} : { problems: [...problems] }),
      ...(reply === undefined ? {} : { reply }),
      ...(docs === undefined ? {} : { docs }),
      ...(serverText === undefined ? {} : { serverText }),
      ...(correlationId === undefined ? {} : { correlationId }),
    };
  }
}

/** True for a Failure of this or another copy of the package. */
export function isFailure(value: unknown): value is Failure {
  return typeof value === 'object' && value !== null && MARK in value;
}

/** The failure itself, or `internal-error` around anything else: the net under every front door. */
export function asFailure(value: unknown): Failure {
  if (isFailure(value)) return value;
  const text = value instanceof Error ? value.message : String(value);
  return new Failure('internal-error', { serverText: text, cause: value });
}

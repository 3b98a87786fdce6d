/**
 * What a network policy may hold, judged field by field before anything connects. Owns: these rules. Must not: repeat
 * a value, since the URL of a proxy can hold a password.
 *
 * Strict, for a misspelt "proxy" that is passed over would let the traffic go past the proxy.
 */
import { X509Certificate } from 'node:crypto';
import { Failure } from '../errors/index.js';
import type { FieldProblem } from '../generated/types.js';
import { isProxyUrl } from './proxy.js';

type Rule = (value: unknown, pointer: string, label: string) => FieldProblem[];

const problem = (
  pointer: string,
  label: string,
  rule: string,
  parameters?: FieldProblem['parameters'],
): FieldProblem => ({ pointer, label, rule, ...(parameters === undefined ? {} : { parameters }) });

const escaped = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Timers of Node.js fire at once beyond this (signed 32 bits). */
const LONGEST_MS = 2_147_483_647;

const milliseconds: Rule = (value, pointer, label) => {
  if (!Number.isInteger(value)) return [problem(pointer, label, 'type', { type: 'integer' })];
  if ((value as number) < 1) return [problem(pointer, label, 'too-small', { limit: 1 })];
  return (value as number) > LONGEST_MS ? [problem(pointer, label, 'too-large', { limit: LONGEST_MS })] : [];
};

/** "name:port", an IPv6 address in brackets. */
function isTarget(text: unknown): boolean {
  if (typeof text !== 'string') return false;
  const port = /^(?:\[[\d:.a-f]+\]|[^\s:/@[\]]+):(\d{1,5})$/iu.exec(text)?.[1];
  return port !== undefined && Number(port) >= 1 && Number(port) <= 65_535;
}

const hosts: Rule = (value, pointer, label) => {
  if (!isObject(value)) return [problem(pointer, label, 'type', { type: 'object' })];
  return Object.entries(value)
    .filter(([from, to]) => !isTarget(from) || !isTarget(to))
    .map(([from]) => problem(`${pointer}/${escaped(from)}`, label, 'shape'));
};

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/gu;

/** One certificate, or several below each other as such files often hold them. */
function holdsCertificates(text: unknown): boolean {
  const found = typeof text === 'string' ? (text.match(CERTIFICATE) ?? []) : [];
  try {
    return found.map((one) => new X509Certificate(one)).length > 0;
  } catch {
    return false;
  }
}

const listOf =
  (accepts: (entry: unknown) => boolean): Rule =>
  (value, pointer, label) => {
    if (!Array.isArray(value)) return [problem(pointer, label, 'type', { type: 'array' })];
    return value.flatMap((entry: unknown, index) =>
      accepts(entry) ? [] : [problem(`${pointer}/${String(index)}`, label, 'shape')],
    );
  };

const fields =
  (rules: Readonly<Record<string, Rule>>, required: readonly string[] = []): Rule =>
  (value, pointer, label) => {
    if (!isObject(value)) return [problem(pointer, label, 'type', { type: 'object' })];
    const missing = required
      .filter((name) => value[name] === undefined)
      .map((name) => problem(`${pointer}/${name}`, `networkPolicy.${name}.label`, 'required'));
    const wrong = Object.entries(value).flatMap(([name, entry]) => {
      const at = `${pointer}/${escaped(name)}`;
      const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
      if (rule === undefined) return [problem(at, 'common.fields.other.label', 'unknown')];
      return entry === undefined ? [] : rule(entry, at, `networkPolicy.${name}.label`);
    });
    return [...missing, ...wrong];
  };

const judge = fields({
  hosts,
  trustedRoots: listOf(holdsCertificates),
  proxy: fields(
    {
      url: (value, pointer, label) => (isProxyUrl(value) ? [] : [problem(pointer, label, 'shape')]),
      bypass: listOf((entry) => typeof entry === 'string'),
    },
    ['url'],
  ),
  tap: (value, pointer, label) =>
    typeof value === 'function' ? [] : [problem(pointer, label, 'type', { type: 'function' })],
  connectTimeoutMs: milliseconds,
  idleTimeoutMs: milliseconds,
});

/** @throws Failure network-policy-invalid with one problem per field */
export function assertPolicy(policy: unknown): void {
  const problems = judge(policy, '', 'common.fields.value.label');
  if (problems.length > 0) throw new Failure('network-policy-invalid', { problems });
}

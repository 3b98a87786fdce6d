/**
 * Secrets by reference: wherever settings hold { "$secret": "name" }, the host's secret store is asked.
 * Must not: keep a secret, or write one anywhere.
 */
import { Failure } from '../errors/index.js';

export interface SecretStore {
  /** The secret of that name, or undefined when there is none. */
  get(name: string): Promise<string | undefined> | string | undefined;
}

/**
 * A copy of the settings with references replaced by what they stand for.
 * @throws Failure secret-not-found
 */
export async function resolveSecrets(value: unknown, store: SecretStore | undefined): Promise<unknown> {
  if (Array.isArray(value)) return Promise.all(value.map((item) => resolveSecrets(item, store)));
  if (typeof value !== 'object' || value === null) return value;
  const { $secret: name } = value as { $secret?: unknown };
  if (typeof name === 'string') {
    const secret = await store?.get(name);
    if (secret === undefined) throw new Failure('secret-not-found', { parameters: { name } });
    return secret;
  }
  const entries = Object.entries(value).map(
    async ([key, item]) => [key, await resolveSecrets(item, store)] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}

/** What each transport can do for Read Email: catalogue/transports.json. Owns: reading and looking up. */
import { readFileSync } from 'node:fs';
import type { TransportAbilities, TransportCatalogue } from '../../generated/types.js';
import type { ReadTransport } from '../../mail/index.js';

let transports: readonly TransportAbilities[] | undefined;

/** The transports that the catalogue knows, in its order. */
export function allAbilities(): readonly TransportAbilities[] {
  return (transports ??= (
    JSON.parse(
      readFileSync(new URL('../../../catalogue/transports.json', import.meta.url), 'utf8'),
    ) as TransportCatalogue
  ).transports);
}

export function abilitiesOf(transport: ReadTransport): TransportAbilities {
  const found = allAbilities().find(({ id }) => id === transport);
  if (found === undefined) throw new Error(`The catalogue lacks the transport ${transport}.`);
  return found;
}

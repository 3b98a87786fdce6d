/** Tables that the handover page and the setup guide have in common. Must not: render. */
import type { Texts } from '../../manifest/index.js';
import type { CataloguedPermission } from '../../generated/types.js';
import { resourceOf } from '../catalogue.js';
import type { Opening } from '../openings.js';
import type { SetupStep } from '../plan.js';
import type { Block } from './document.js';

export function permissionTable(permissions: readonly CataloguedPermission[], texts: Texts): Block {
  const head = (key: string): string => texts.text(`setup.handover.${key}`);
  return permissions.length === 0
    ? { kind: 'paragraph', text: head('none') }
    : {
        kind: 'table',
        head: [head('permission'), head('of'), head('kind'), head('meaning')],
        rows: permissions.map((one) => [
          `\`${one.permission}\``,
          resourceOf(one).name,
          texts.text(`setup.kinds.${one.kind}`),
          texts.text(one.messages),
        ]),
      };
}

export function openingTable(openings: readonly Opening[], texts: Texts): Block {
  const head = (key: string): string => texts.text(`setup.handover.${key}`);
  return {
    kind: 'table',
    head: [head('from'), head('host'), head('port'), head('purpose')],
    rows: openings.map((one) => [
      texts.text(`setup.from.${one.from}`),
      `\`${one.host}\`${one.unconfirmed ? ` (${head('unconfirmed')})` : ''}`,
      String(one.port),
      texts.text(one.purpose),
    ]),
  };
}

/** Which ids the registration holds, and where each is from. */
export function identityTable(permissions: readonly CataloguedPermission[], texts: Texts): Block {
  return {
    kind: 'table',
    head: [
      texts.text('setup.handover.permission'),
      texts.text('setup.guide.id'),
      texts.text('setup.handover.provenance'),
    ],
    rows: permissions.map(({ permission, guid, provenance }) => [
      `\`${permission}\``,
      `\`${guid}\``,
      texts.text(`setup.provenance.${provenance}`),
    ]),
  };
}

export function stepTable(steps: readonly SetupStep[], texts: Texts, undo = false): Block {
  const head = (key: string): string => texts.text(`setup.handover.${key}`);
  return {
    kind: 'table',
    head: ['#', head('step'), head('role'), head('where'), head('wait')],
    rows: steps.map((step, index) => [
      String(index + 1),
      texts.text(undo ? step.undoTitle : step.title, step.parameters),
      texts.text(`setup.roles.${step.role}`),
      step.places.map((place) => texts.text(`setup.places.${place}`)).join(', '),
      texts.text(`setup.handover.${step.service === 'exchange' ? 'minutesExchange' : 'minutes'}`, {
        minutes: step.waitMinutes,
      }),
    ]),
  };
}

/** What is left out on purpose, as far as it concerns this kind of sign-in. */
export function notAsked(identity: 'app' | 'user', texts: Texts): Block {
  const keys = [
    'graph-app',
    'ews',
    'tenant-switch',
    'directory',
    'other-transport',
    ...(identity === 'user' ? ['all-users'] : []),
    'admin-password',
  ];
  return { kind: 'list', ordered: false, items: keys.map((key) => texts.text(`setup.notAsked.${key}`)) };
}

/**
 * The setup guide of the documentation, one page per language, from the same data as the scripts. Owns: its order.
 * scripts/generate-setup-guide.mjs writes it to docs/setup/.
 */
import { textsIn, type Texts } from '../manifest/index.js';
import type { CataloguedPermission } from '../generated/types.js';
import { featureCatalogue, findPermission } from './catalogue.js';
import { renderMarkdown, type Block } from './handover/document.js';
import { identityTable, notAsked, openingTable, permissionTable, stepTable } from './handover/sections.js';
import { openingsOf } from './openings.js';
import { planSetup, type SetupPlan } from './plan.js';
import { METHODS, type Method, type SetupSettings, type Transport } from './request.js';

/** Products whose instructions administrators may have followed, and what of them the texts speak about. */
const OLDER: Readonly<Record<string, { readonly name: string; readonly points: readonly string[] }>> = {
  jitterbit: {
    name: 'Jitterbit',
    points: ['account', 'graph-app', 'app-roles', 'modules', 'search', 'service-id', 'mailbox', 'smtp'],
  },
  cevisio: { name: 'cevisio', points: ['ews', 'all', 'tenant', 'service-id', 'firewall', 'password'] },
  'concept-office': { name: 'Concept Office', points: ['modules', 'service-id', 'pop'] },
  'inet-helpdesk': { name: 'i-net HelpDesk', points: ['tenant', 'user-read', 'hosts', 'limits', 'app'] },
};

const EXAMPLE_ID = '00000000-0000-0000-0000-000000000000';

function exampleSettings(method: Method): SetupSettings {
  return {
    tenant: 'contoso.com',
    mailbox: 'orders@contoso.com',
    authentication: { method, clientId: EXAMPLE_ID, account: 'orders@contoso.com' },
    redirectUris: ['http://localhost'],
  };
}

/** The verifying commands of a plan, with the variables that they use. */
function verifyCommands(plan: SetupPlan): string {
  const commands = plan.steps
    // What is declared shows in the portal; what is consented to decides.
    .filter(({ id }) => id !== 'permissions')
    .map(({ powershell }) => powershell.verify)
    .join('\n');
  const variables = [
    ['AppId', `'${EXAMPLE_ID}'`],
    ['App', `Get-MgApplication -Filter "appId eq '$AppId'"`],
    ['ServicePrincipal', `Get-MgServicePrincipal -Filter "appId eq '$AppId'"`],
    ['ServicePrincipalId', '$ServicePrincipal.Id'],
    ['Mailboxes', "@('orders@contoso.com')"],
  ] as const;
  return [
    "Connect-MgGraph -Scopes 'Application.Read.All'",
    ...(plan.steps.some(({ service }) => service === 'exchange') ? ['Connect-ExchangeOnline'] : []),
    ...variables
      .filter(([name]) => name !== 'Mailboxes' || commands.includes('$Mailboxes'))
      .map(([name, value]) => `$${name} = ${value}`),
    commands,
  ].join('\n');
}

/** What another protocol takes than the usual two. */
function otherTransport(
  method: Method,
  transport: Transport,
  known: ReadonlySet<string>,
  texts: Texts,
): Block[] {
  const { steps, permissions } = planSetup({
    settings: exampleSettings(method),
    transports: [transport],
    changingOver: [transport],
    language: texts.language,
  });
  const paragraph = (text: string): Block => ({ kind: 'paragraph', text });
  return [
    { kind: 'heading', level: 4, text: texts.text(`setup.transports.${transport}`) },
    stepTable(steps, texts),
    permissionTable(permissions, texts),
    ...steps
      .filter(({ id }) => !known.has(id))
      .flatMap((step): Block[] => [
        paragraph(texts.text(step.why, step.parameters)),
        paragraph(texts.text(`setup.portal.${step.id}`, step.parameters)),
        {
          kind: 'code',
          language: 'powershell',
          title: texts.text('setup.guide.verify'),
          text: step.powershell.verify,
        },
      ]),
  ];
}

function methodChapter(method: Method, texts: Texts): Block[] {
  const plan = planSetup({
    settings: exampleSettings(method),
    transports: ['imap', 'smtp'],
    language: texts.language,
  });
  const other = (transport: Transport): Block[] => otherTransport(method, transport, known, texts);
  const known = new Set(plan.steps.map(({ id }) => id));
  const say = (key: string): string => texts.text(`setup.guide.${key}`);
  const part = (key: string): Block => ({ kind: 'heading', level: 3, text: say(key) });
  const paragraph = (text: string): Block => ({ kind: 'paragraph', text });
  return [
    { kind: 'heading', level: 2, text: texts.text(`connections.microsoft365.methods.${method}.name`) },
    part('prepare'),
    paragraph(texts.text(`setup.methods.${method}.prepare`)),
    stepTable(plan.steps, texts),
    part('permissions'),
    permissionTable(plan.permissions, texts),
    part('otherReading'),
    paragraph(say('otherReadingText')),
    ...other('pop3'),
    ...other('graph'),
    part('otherSending'),
    paragraph(say('otherSendingText')),
    ...other('graph-send'),
    part('portal'),
    {
      kind: 'list',
      ordered: true,
      items: plan.steps.map(({ id, parameters }) => texts.text(`setup.portal.${id}`, parameters)),
    },
    part('script'),
    paragraph(say('scriptText')),
    part('verify'),
    paragraph(say('verifyText')),
    { kind: 'code', language: 'powershell', title: say('verify'), text: verifyCommands(plan) },
    part('undo'),
    paragraph(say('undoText')),
    part('firewall'),
    openingTable(openingsOf(exampleSettings(method), ['imap', 'pop3', 'graph', 'smtp', 'graph-send']), texts),
    part('expiry'),
    paragraph(texts.text(`setup.methods.${method}.expiry`)),
  ];
}

function featureTable(texts: Texts): Block {
  const say = (key: string): string => texts.text(`setup.guide.${key}`);
  return {
    kind: 'table',
    head: [say('feature'), say('transport'), say('identity'), say('permissions'), say('grant')],
    rows: featureCatalogue().flatMap(({ messages, rights }) =>
      rights.map((right) => [
        texts.text(messages),
        texts.text(`setup.transports.${right.transport}`),
        say(right.identity),
        right.token.map((id) => `\`${findPermission(id)?.permission ?? id}\``).join(', '),
        right.exchange.map((grant) => texts.text(`setup.grants.${grant}`)).join(', '),
      ]),
    ),
  };
}

function neededPermissions(): CataloguedPermission[] {
  const needed = new Set(featureCatalogue().flatMap(({ rights }) => rights.flatMap(({ token }) => token)));
  return [...needed].flatMap((id) => findPermission(id) ?? []);
}

function olderChapter(texts: Texts): Block[] {
  const say = (key: string): string => texts.text(`setup.guide.${key}`);
  return [
    { kind: 'heading', level: 2, text: say('older') },
    { kind: 'paragraph', text: say('olderText') },
    ...Object.entries(OLDER).flatMap(([id, { name, points }]): Block[] => [
      { kind: 'heading', level: 3, text: name },
      {
        kind: 'table',
        head: [say('instruction'), say('problem'), say('instead')],
        rows: points.map((point) =>
          ['instruction', 'problem', 'instead'].map((part) =>
            texts.text(`setup.older.${id}.${point}.${part}`),
          ),
        ),
      },
    ]),
  ];
}

/** The guide in one language, as Markdown. */
export function renderGuide(language: string): string {
  const texts = textsIn(language);
  const say = (key: string): string => texts.text(`setup.guide.${key}`);
  return renderMarkdown({
    language: texts.language,
    title: say('title'),
    blocks: [
      { kind: 'paragraph', text: say('intro') },
      { kind: 'heading', level: 2, text: say('choose') },
      { kind: 'paragraph', text: say('chooseText') },
      ...(Object.keys(METHODS) as Method[]).flatMap((method) => methodChapter(method, texts)),
      { kind: 'heading', level: 2, text: texts.text('setup.handover.notAsked') },
      notAsked('user', texts),
      { kind: 'heading', level: 2, text: say('features') },
      featureTable(texts),
      identityTable(neededPermissions(), texts),
      ...olderChapter(texts),
      { kind: 'note', text: texts.text('setup.handover.inferred') },
    ],
  });
}

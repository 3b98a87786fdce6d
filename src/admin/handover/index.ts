/**
 * The page that goes to the administrator: what is asked for and why, what is not, who does what, scripts, links,
 * firewall, verification, undo. Owns: the order. Nothing on it is secret.
 */
import { textsIn } from '../../manifest/index.js';
import { renderAzureCli } from '../azure-cli/script.js';
import { adminConsentLinks, userConsentUrl } from '../links.js';
import { openingsOf } from '../openings.js';
import type { SetupPlan } from '../plan.js';
import { renderPowerShell, type ScriptMode } from '../powershell/script.js';
import { renderMarkdown, type Block, type Page } from './document.js';
import { renderHtml } from './html.js';
import { identityTable, notAsked, openingTable, permissionTable, stepTable } from './sections.js';

type HandoverMode = Exclude<ScriptMode, 'verify'>;

const FORM = 'connections.microsoft365';

function pageOf(given: SetupPlan, language: string, mode: HandoverMode): Page {
  const plan: SetupPlan = { ...given, language };
  const texts = textsIn(language);
  const say = (key: string, parameters = {}): string => texts.text(`setup.handover.${key}`, parameters);
  const heading = (key: string): Block => ({ kind: 'heading', level: 2, text: say(key) });
  const paragraph = (key: string, parameters = {}): Block => ({
    kind: 'paragraph',
    text: say(key, parameters),
  });
  const script = (title: string, file: string, text: string): Block => ({
    kind: 'code',
    language: file.endsWith('.sh') ? 'bash' : 'powershell',
    title: `${say(title)}: ${file}`,
    text,
  });
  const userUrl = userConsentUrl(plan);
  const links = [
    ...adminConsentLinks(plan),
    ...(userUrl === undefined ? [] : [{ messages: 'setup.links.user', url: userUrl }]),
  ];
  const azure = plan.steps.some(({ azureCli }) => azureCli !== undefined);
  const undoable = plan.steps.filter(({ powershell }) => powershell.undo !== '').toReversed();
  const undoAzure = undoable.some(({ azureCli }) => azureCli !== undefined);
  const settings = {
    cloud: plan.cloud.id,
    tenant: plan.authority,
    mailbox: plan.mailboxes[0] ?? '',
    authentication: { method: plan.method },
  };
  const facts: (readonly [string, string])[] = [
    [`${FORM}.tenant.label`, plan.authority],
    [`${FORM}.authentication.clientId.label`, plan.clientId ?? say('clientIdNew')],
    [`${FORM}.authentication.method.label`, texts.text(`${FORM}.methods.${plan.method}.name`)],
    ...(plan.account === undefined ? [] : [[`${FORM}.authentication.account.label`, plan.account] as const]),
    ['setup.handover.mailboxes', plan.mailboxes.join(', ')],
    [
      'setup.handover.transports',
      plan.transports.map((one) => texts.text(`setup.transports.${one}`)).join('; '),
    ],
  ];
  const whys = plan.steps.map((step) => [
    texts.text(step.title, step.parameters),
    texts.text(step.why, step.parameters),
  ]);
  const connection: Block[] = [
    heading('connection'),
    { kind: 'table', head: ['', ''], rows: facts.map(([key, value]) => [texts.text(key), value]) },
  ];
  const undoScripts: Block[] = [
    heading('undo'),
    paragraph('undoNote'),
    script('script', 'undo.ps1', renderPowerShell(plan, 'undo')),
    ...(undoAzure ? [script('scriptAz', 'undo.sh', renderAzureCli(plan, 'undo'))] : []),
  ];
  if (mode === 'undo') {
    return {
      language: texts.language,
      title: say('undoTitle', { app: plan.appName }),
      blocks: [
        paragraph('undoIntro'),
        ...connection,
        heading('who'),
        stepTable(undoable, texts, true),
        ...(undoable.length === 0 ? [] : undoScripts),
      ],
    };
  }
  return {
    language: texts.language,
    title: say('title', { app: plan.appName }),
    blocks: [
      paragraph('intro'),
      ...connection,
      heading('asked'),
      permissionTable(plan.permissions, texts),
      ...(plan.permissions.length === 0 ? [] : [identityTable(plan.permissions, texts)]),
      { kind: 'table', head: [say('step'), say('why')], rows: whys },
      heading('notAsked'),
      notAsked(plan.identity, texts),
      heading('who'),
      stepTable(plan.steps, texts),
      { kind: 'note', text: say('inferred') },
      heading('script'),
      paragraph('scriptNote', { file: 'setup.ps1' }),
      script('script', 'setup.ps1', renderPowerShell(plan, 'setup')),
      ...(azure ? [script('scriptAz', 'setup.sh', renderAzureCli(plan, 'setup'))] : []),
      ...(links.length === 0
        ? []
        : [
            heading('consent'),
            paragraph('consentNote'),
            ...links.map(({ messages, url }): Block => ({ kind: 'link', text: texts.text(messages), url })),
          ]),
      heading('firewall'),
      openingTable(openingsOf(settings, plan.transports), texts),
      heading('verify'),
      paragraph('verifyNote'),
      script('script', 'verify.ps1', renderPowerShell(plan, 'verify')),
      heading('expiry'),
      { kind: 'paragraph', text: texts.text(`setup.methods.${plan.method}.expiry`) },
      ...(undoable.length === 0 ? [] : undoScripts),
    ],
  };
}

/** One self-contained HTML file. @throws Failure settings-invalid when a value holds a control character */
export function renderHandover(
  plan: SetupPlan,
  language = plan.language,
  mode: HandoverMode = 'setup',
): string {
  return renderHtml(pageOf(plan, language, mode));
}

/** The same as Markdown. @throws Failure settings-invalid when a value holds a control character */
export function renderHandoverMarkdown(
  plan: SetupPlan,
  language = plan.language,
  mode: HandoverMode = 'setup',
): string {
  return renderMarkdown(pageOf(plan, language, mode));
}

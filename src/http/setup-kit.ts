/**
 * The setup kit over HTTP: what an administrator needs, for the settings in a form. Owns: that no secret of a
 * connection reaches it. Must not: decide what is needed; src/admin does.
 */
import {
  adminConsentLinks,
  openingsOf,
  planSetup,
  renderAppManifest,
  renderAzureCli,
  renderHandover,
  renderHandoverMarkdown,
  renderPowerShell,
  userConsentUrl,
  type SetupSettings,
  transportsInUse,
  transportsThatChange,
} from '../admin/index.js';
import { Failure } from '../errors/index.js';
import type { FieldProblem } from '../generated/types.js';
import type { Connector } from '../index.js';
import { textsIn } from '../manifest/index.js';
import { isFields, listOf, type Fields } from './body.js';

interface Activity {
  readonly id: string;
  readonly config: unknown;
}

/** As much of an activity's settings as decides whose rights an administrator has to grant. */
interface Senders {
  readonly mailbox?: string;
  readonly from?: { readonly address?: string };
}

/**
 * What of a connection the setup kit needs, and no more: whatever is secret stays behind here.
 * @throws Failure settings-invalid naming each field that the kit cannot do without
 */
function setupSettings(connection: unknown, messages: string, redirectUris: unknown): SetupSettings {
  const fields = isFields(connection) ? connection : {};
  const authentication = isFields(fields['authentication']) ? fields['authentication'] : {};
  const needed = { '/tenant': fields['tenant'], '/mailbox': fields['mailbox'] };
  const problems = Object.entries({ ...needed, '/authentication/method': authentication['method'] })
    .filter(([, value]) => value === undefined)
    .map(([pointer]): FieldProblem => {
      return { pointer, label: `${messages}${pointer.replaceAll('/', '.')}.label`, rule: 'required' };
    });
  if (problems.length > 0) throw new Failure('settings-invalid', { problems });
  // What is no text becomes one that planSetup() refuses: it judges every value.
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  const given = (from: Fields, name: string): object =>
    from[name] === undefined ? {} : { [name]: text(from[name]) };
  const list = (value: unknown, name: string): object =>
    value === undefined ? {} : { [name]: listOf<string>(value, name) };
  return {
    tenant: text(fields['tenant']),
    mailbox: text(fields['mailbox']),
    ...given(fields, 'cloud'),
    ...list(fields['allowedMailboxes'], 'allowedMailboxes'),
    ...list(redirectUris, 'redirectUris'),
    authentication: {
      method: text(authentication['method']),
      ...given(authentication, 'clientId'),
      ...given(authentication, 'account'),
      ...given(authentication, 'userName'),
      // Only whether there is one counts.
      ...(authentication['clientSecret'] === undefined ? {} : { clientSecret: true }),
    },
  };
}

/** The kit's files and texts. @throws Failure settings-invalid, input-invalid */
export function setupKit(connector: Connector, body: Fields, asked: string): object {
  const { connection, only, redirectUris } = body;
  const activities =
    body['activities'] === undefined ? [] : listOf<Activity>(body['activities'], 'activities');
  const language = typeof body['language'] === 'string' ? body['language'] : asked;
  const { connectionTypes, activities: known } = connector.manifest;
  const settings = setupSettings(connection, connectionTypes[0].messages, redirectUris);
  const senders = activities.map(({ config }) => (isFields(config) ? (config as Senders) : {}));
  const texts = textsIn(language);
  const plan = planSetup({
    settings,
    transports: transportsInUse(activities, known),
    changingOver: transportsThatChange(activities, known),
    mailboxes: [
      settings.mailbox,
      ...(settings.allowedMailboxes ?? []),
      ...senders.flatMap(({ mailbox }) => mailbox ?? []),
    ],
    sendAs: senders.flatMap(({ mailbox, from }) =>
      from?.address === undefined ? [] : [{ mailbox: mailbox ?? settings.mailbox, as: from.address }],
    ),
    largeFiles: body['largeFiles'] === true,
    language: texts.language,
    ...(only === undefined ? {} : { only: listOf<string>(only, 'only') }),
  });
  const user = userConsentUrl(plan);
  const links = [
    ...adminConsentLinks(plan),
    ...(user === undefined ? [] : [{ messages: 'setup.links.user', url: user }]),
  ];
  return {
    // Only what this client shows: the commands of each step are in the scripts.
    steps: plan.steps.map(({ id, title, why, role, parameters, waitMinutes }) => ({
      id,
      title: texts.text(title, parameters),
      why: texts.text(why, parameters),
      role: texts.text(`setup.roles.${role}`),
      waitMinutes,
    })),
    powershell: renderPowerShell(plan, 'setup'),
    undo: renderPowerShell(plan, 'undo'),
    azureCli: renderAzureCli(plan, 'setup'),
    appManifest: renderAppManifest(plan),
    handover: renderHandover(plan, texts.language),
    markdown: renderHandoverMarkdown(plan, texts.language),
    consentUrls: links.map(({ messages, url }) => ({ text: texts.text(messages), url })),
    openings: openingsOf(settings, plan.transports).map(({ purpose, from, ...opening }) => ({
      ...opening,
      from: texts.text(`setup.from.${from}`),
      purpose: texts.text(purpose),
    })),
  };
}

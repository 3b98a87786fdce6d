/** The page for the administrator and the guide: complete, in every language, and markup only where we put it. */
import { existsSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import {
  featureCatalogue,
  findPermission,
  permissionCatalogue,
  planSetup,
  protocolOf,
  renderGuide,
  renderHandover,
  renderHandoverMarkdown,
  rightsFor,
} from '../../src/admin/index.js';
import {
  languages,
  loadLocale,
  loadManifest,
  packagePath,
  textsIn,
  type LocaleTree,
} from '../../src/manifest/index.js';
import { ALL_METHODS, HOSTILE_NAMES, request } from './support/requests.js';

const leaves = (tree: LocaleTree, path = ''): string[] =>
  Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string' ? [`${path}${key}`] : leaves(value, `${path}${key}.`),
  );

describe('the page for the administrator', () => {
  test.each(HOSTILE_NAMES)('an app called %j stays text', (appName) => {
    const page = renderHandover(planSetup(request('sign-in', ['imap', 'smtp'], { appName })));
    // Everything that opens a tag is one of ours.
    const tags = new Set([...page.matchAll(/<([a-z][a-z0-9]*)/giu)].map(([, tag = '']) => tag.toLowerCase()));
    const ours =
      'html head meta title style body main h1 h2 h3 p table thead tbody tr th td div ul ol li details summary pre code a br'.split(
        ' ',
      );
    expect([...tags].filter((tag) => !ours.includes(tag))).toEqual([]);
    expect(page).not.toMatch(/<[^>]*\son\w+=/iu);
  });

  test('asks nobody for anything: no script, and every address is a link to follow', () => {
    const page = renderHandover(planSetup(request('client-secret')));
    expect(page).toContain("default-src 'none'");
    expect(page).not.toMatch(/<script|<img|<link|@import|url\(|\ssrc=/iu);
    expect(page).toContain('prefers-color-scheme: dark');
    expect(page).toContain('@media print');
  });

  test.each(languages())('in %s names every step, role and permission', (language) => {
    const texts = textsIn(language);
    for (const method of ALL_METHODS) {
      const plan = planSetup(request(method, ['imap', 'smtp'], { language }));
      const page = renderHandover(plan);
      for (const { permission } of plan.permissions) expect(page).toContain(permission);
      for (const { role } of plan.steps) expect(page).toContain(texts.text(`setup.roles.${role}`));
      expect(page).toContain(`<html lang="${language}">`);
      // A text that is missing shows as its key.
      expect(page).not.toMatch(/\bsetup\.[a-z-]+\.[a-z-]+/iu);
      expect(renderHandoverMarkdown(plan)).not.toMatch(/\bsetup\.[a-z-]+\.[a-z-]+/iu);
    }
  });

  test.each(languages())(
    'in %s: the page for undo speaks of removing, and asks for no consent',
    (language) => {
      const texts = textsIn(language);
      const plan = planSetup(request('client-secret', ['imap', 'smtp'], { language }));
      const page = renderHandoverMarkdown(plan, language, 'undo');
      expect(page).toContain('undo.ps1');
      expect(page).toContain('undo.sh');
      expect(page).not.toContain('setup.ps1');
      expect(page).not.toContain('adminconsent');
      for (const { undoTitle, title, parameters } of plan.steps) {
        expect(page).toContain(texts.text(undoTitle, parameters));
        expect(page).not.toContain(texts.text(title, parameters));
      }
      expect(page).not.toMatch(/\bsetup\.[a-z-]+\.[a-z-]+/iu);
    },
  );

  test('Markdown fences outlast whatever stands inside', () => {
    const page = renderHandoverMarkdown(planSetup(request('client-secret', ['imap'], { appName: '````x' })));
    expect(page).toMatch(/^`{5,}powershell$/mu);
  });
});

describe('the guide', () => {
  test.each(languages())('in %s has every text and every method', (language) => {
    const guide = renderGuide(language);
    expect(guide).not.toMatch(/\bsetup\.[a-z-]+\.[a-z-]+/iu);
    for (const method of ALL_METHODS)
      expect(guide).toContain(
        `## ${textsIn(language).text(`connections.microsoft365.methods.${method}.name`)}`,
      );
    for (const product of ['Jitterbit', 'cevisio', 'Concept Office', 'i-net HelpDesk'])
      expect(guide).toContain(`### ${product}`);
    expect(existsSync(packagePath(`docs/setup/${language}.md`))).toBe(true);
  });

  test('uses each text about older instructions', () => {
    const guide = renderGuide('en').replaceAll('\\', '').replaceAll('`', '');
    const texts = textsIn('en');
    for (const key of leaves(loadLocale('en')).filter((one) => one.startsWith('setup.older.')))
      expect(guide).toContain(texts.text(key));
  });
});

describe.each(languages())('sending over Microsoft Graph, in %s', (language) => {
  test('what takes Mail.ReadWrite besides is said on the page, in the script and in the guide', () => {
    const plan = planSetup(request('client-secret', ['graph-send'], { language }));
    const { why = '', parameters } = plan.steps.find(({ id }) => id === 'mail-send-role') ?? {};
    const told = textsIn(language).text(why, parameters);
    expect(told).toContain('Application Mail.ReadWrite');
    expect(told).toContain('2 MB');
    for (const page of [renderHandover(plan), renderHandoverMarkdown(plan)]) {
      expect(page).toContain(textsIn(language).text('setup.transports.graph-send'));
      expect(page).toContain('2 MB');
    }
    expect(renderGuide(language)).toContain('--large-files');
  });
});

describe('catalogue', () => {
  test('every permission has its texts, and an id of its own', () => {
    const { permissions, resources } = permissionCatalogue();
    const keys = new Set(leaves(loadLocale('en')));
    for (const { id, resource, kind, permission, messages, danger, provenance } of permissions) {
      expect(id).toBe(`${resource}/${kind}/${permission}`);
      expect(resources.map((one) => one.id)).toContain(resource);
      for (const key of [messages, `setup.dangers.${danger}`, `setup.provenance.${provenance}`])
        expect([key, keys.has(key)]).toEqual([key, true]);
    }
    expect(new Set(permissions.map(({ id }) => id)).size).toBe(permissions.length);
    expect(new Set(permissions.map(({ resource, guid }) => `${resource}${guid}`)).size).toBe(
      permissions.length,
    );
  });

  test('features are those of the manifest’s activities, with known permissions', () => {
    const { activities } = loadManifest();
    for (const { activity, rights } of featureCatalogue()) {
      const known = activities.find(({ id }) => id === activity);
      if (activity !== 'connection') expect(known).toBeDefined();
      for (const { transport, token, identity } of rights) {
        if (known !== undefined) expect(known.transports).toContain(protocolOf(transport));
        for (const id of token) {
          expect([id, findPermission(id)?.kind]).toEqual([
            id,
            identity === 'app' ? 'application' : 'delegated',
          ]);
          // What reaches farther than granted mailboxes is never needed.
          expect(['sign-in', 'own-mailbox', 'granted-mailboxes']).toContain(findPermission(id)?.danger);
        }
      }
    }
    expect(new Set(featureCatalogue().map(({ activity }) => activity))).toEqual(
      new Set([...activities.map(({ id }) => id), 'connection']),
    );
  });

  test('what a feature needs is what the manifest says that the sign-in asks for', () => {
    for (const method of loadManifest().connectionTypes[0].authMethods) {
      const { id, identity, permissions, changePermissions = {}, sendPermissions = {} } = method;
      for (const [transport, names] of Object.entries(permissions)) {
        for (const changes of [false, true]) {
          const needed = rightsFor({
            identity,
            method: id,
            transports: [transport],
            changingOver: changes ? [transport] : [],
          })
            .permissions.filter(({ danger }) => danger !== 'sign-in')
            .map(({ permission }) => permission);
          const declared = changes ? (changePermissions[transport] ?? names) : names;
          // An app reads over Graph through an Exchange role instead.
          const expected = identity === 'app' && transport === 'graph' ? [] : declared;
          expect([id, transport, needed]).toEqual([id, transport, expected]);
        }
      }
      const sending = rightsFor({ identity, method: id, transports: ['graph-send'] })
        .permissions.filter(({ danger }) => danger !== 'sign-in')
        .map(({ permission }) => permission);
      expect([id, sending]).toEqual([id, identity === 'app' ? [] : sendPermissions['graph']]);
    }
  });
});

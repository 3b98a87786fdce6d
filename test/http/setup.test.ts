/** The setup kit over HTTP: complete, narrowed to failures, without secrets, and clear about what it lacks. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SANDBOX_SWITCHES } from '../../src/cli/sandbox-switches.js';
import { textsIn } from '../../src/manifest/index.js';
import { DEMO } from '../../src/sandbox/index.js';
import { openPage, type OpenPage } from './open-page.js';

let page: OpenPage;

beforeAll(async () => {
  page = await openPage();
}, 30_000);
afterAll(() => page.stop());

interface Kit {
  readonly steps: { readonly id: string; readonly title: string; readonly role: string }[];
  readonly powershell: string;
  readonly undo: string;
  readonly azureCli: string;
  readonly appManifest: { readonly manifest: { readonly requiredResourceAccess: unknown[] } };
  readonly handover: string;
  readonly markdown: string;
  readonly consentUrls: { readonly text: string; readonly url: string }[];
  readonly openings: { readonly host: string; readonly port: number; readonly purpose: string }[];
}

async function kit(body: object, status = 200): Promise<Kit> {
  const answer = await page.post('/api/setup', body);
  expect(answer.status).toBe(status);
  return JSON.parse(answer.body) as Kit;
}

describe('the setup kit', () => {
  test('holds scripts, page, links and openings for the connection', async () => {
    const all = await kit({ connection: page.connection, language: 'en' });
    for (const text of [all.powershell, all.azureCli, all.handover, all.markdown]) {
      expect(text).toContain(DEMO.daemon.clientId);
    }
    expect(all.powershell).toContain(DEMO.people.anna.address);
    expect(all.undo).not.toBe(all.powershell);
    expect(all.appManifest.manifest.requiredResourceAccess.length).toBeGreaterThan(0);
    expect(new URL(all.consentUrls[0]!.url).searchParams.get('client_id')).toBe(DEMO.daemon.clientId);
    expect(all.openings).toContainEqual(
      expect.objectContaining({ host: 'outlook.office365.com', port: 993, from: 'machine of the connector' }),
    );
    expect(all.steps.length).toBeGreaterThan(3);
  });

  test('opens nothing for an activity that is not in use', async () => {
    const hosts = ({ openings }: Kit): string[] => openings.map(({ host }) => host);
    const reading = await kit({
      connection: page.connection,
      activities: [{ id: 'read-email', config: { folder: 'INBOX' } }],
    });
    expect(hosts(reading)).not.toContain('smtp.office365.com');
    expect(hosts(await kit({ connection: page.connection }))).toContain('smtp.office365.com');
  });

  test('covers the mailboxes and senders that the activities name', async () => {
    const { powershell } = await kit({
      connection: page.connection,
      activities: [
        {
          id: 'send-email',
          config: { mailbox: 'bernd@contoso.example', from: { address: 'team@contoso.example' } },
        },
      ],
    });
    expect(powershell).toContain('bernd@contoso.example');
    expect(powershell).toContain('team@contoso.example');
  });

  test('knows whether Graph reads or sends, and what large files take', async () => {
    const activities = [{ id: 'send-email', config: { transport: 'graph' } }];
    const role = (name: string): string => `-Role 'Application ${name}'`;
    const sending = await kit({ connection: page.connection, activities });
    expect(sending.steps.map(({ id }) => id)).toContain('mail-send-role');
    expect(sending.powershell).toContain(role('Mail.Send'));
    expect(sending.powershell).not.toContain(role('Mail.Read'));
    expect(sending.powershell).not.toContain(role('Mail.ReadWrite'));
    expect(sending.openings).toContainEqual(
      expect.objectContaining({ host: 'outlook.office.com', port: 443, from: 'machine of the connector' }),
    );
    expect(sending.openings.map(({ host }) => host)).not.toContain('smtp.office365.com');
    const large = await kit({ connection: page.connection, activities, largeFiles: true });
    expect(large.powershell).toContain(role('Mail.ReadWrite'));
  });

  test('is narrowed to the failures of a test', async () => {
    const all = await kit({ connection: page.connection });
    const some = await kit({ connection: page.connection, only: ['smtp-closed-for-mailbox'] });
    expect(some.steps.map(({ id }) => id)).toEqual(['smtp-auth-on']);
    expect(some.powershell.length).toBeLessThan(all.powershell.length);
    const { setupFailures } = JSON.parse((await page.ask('GET', '/api/manifest')).body) as {
      setupFailures: string[];
    };
    expect(setupFailures).toContain('smtp-closed-for-mailbox');
    await kit({ connection: page.connection, only: ['no such failure'] }, 400);
  });

  test('never holds a secret of the settings', async () => {
    const secret = 'a-secret-that-stays-here';
    const authentication = {
      ...page.connection.authentication,
      clientSecret: secret,
      nextClientSecret: `next-${secret}`,
      certificate: `pem-${secret}`,
      password: `password-${secret}`,
      session: `session-${secret}`,
    };
    for (const method of ['client-secret', 'certificate', 'sign-in', 'device-code', 'password']) {
      const answer = await page.post('/api/setup', {
        connection: { ...page.connection, authentication: { ...authentication, method } },
      });
      expect(answer.status).toBe(200);
      expect(answer.body).not.toContain(secret);
    }
  });

  test('takes the redirect URI for the platform that the settings call for', async () => {
    const connection = {
      ...page.connection,
      authentication: { method: 'sign-in', clientId: DEMO.signIn.clientId },
    };
    const redirectUris = ['http://localhost/sign-in/callback'];
    expect((await kit({ connection, redirectUris })).appManifest.manifest).toMatchObject({
      publicClient: { redirectUris },
      web: { redirectUris: [] },
    });
  });

  test('is made before there is an app', async () => {
    const { powershell, consentUrls } = await kit({
      connection: { ...page.connection, authentication: { method: 'certificate' } },
    });
    expect(powershell).toContain('Email connector');
    expect(consentUrls).toEqual([]);
  });

  test('says which fields it cannot do without', async () => {
    const answer = await page.post('/api/setup?lang=de', { connection: { authentication: {} } });
    expect(answer.status).toBe(400);
    const { failure, text } = JSON.parse(answer.body) as {
      failure: { code: string; problems: { pointer: string }[] };
      text: { problems: string[] };
    };
    expect(failure.code).toBe('settings-invalid');
    expect(failure.problems.map(({ pointer }) => pointer)).toEqual([
      '/tenant',
      '/mailbox',
      '/authentication/method',
    ]);
    expect(text.problems[1]).toContain(textsIn('de').text('connections.microsoft365.mailbox.label'));
  });

  test('refuses what is no list of addresses', async () => {
    await kit({ connection: { ...page.connection, allowedMailboxes: 'anna@contoso.example' } }, 400);
    await kit({ connection: { ...page.connection, mailbox: "x'; Remove-Item @contoso.example" } }, 400);
  });

  test('speaks the language asked for', async () => {
    const { steps } = await kit({ connection: page.connection, language: 'es' });
    expect(steps.map(({ title }) => title).join()).toContain(
      textsIn('es').text('setup.steps.service-principal.title').split('{')[0],
    );
  });
});

describe('Test of several mailboxes', () => {
  test('names whose turn it is', async () => {
    const lines = await page.lines('/api/check', {
      connection: page.connection,
      mailboxes: [DEMO.people.anna.address, DEMO.people.bernd.address],
    });
    const mailboxes = lines.map(({ check }) => (check as { mailbox?: string } | undefined)?.mailbox);
    expect(mailboxes).toEqual(expect.arrayContaining([DEMO.people.anna.address, DEMO.people.bernd.address]));
  });

  test('tells until when a failure may still pass by itself, once something has been changed', async () => {
    const state = SANDBOX_SWITCHES['smtp-auth-off'];
    state?.(page.sandbox, true);
    try {
      const settling = async (body: object): Promise<unknown[]> =>
        (await page.lines('/api/check', { connection: page.connection, ...body })).flatMap(({ check }) => {
          const { failure, settling: until } = (check ?? {}) as { failure?: object; settling?: object };
          return failure === undefined || until === undefined ? [] : [until];
        });
      expect(await settling({})).toEqual([]);
      const changedAt = new Date().toISOString();
      expect(await settling({ changedAt })).toContainEqual({ until: expect.stringMatching(/^\d{4}-/u) });
    } finally {
      state?.(page.sandbox, false);
    }
  });
});

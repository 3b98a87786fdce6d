/** Messages to more recipients than one may have, over each transport. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openConnector, type Connector, type SendEmailResponse } from '../../src/index.js';
import { openTenant, SEND_TRANSPORTS } from '../support/open-tenant.js';
import type { TestTenant } from '../support/tenant.js';
import { UNHURRIED } from '../support/unhurried.js';

let tenant: TestTenant;
let people: { address: string }[];

beforeAll(async () => {
  tenant = await openTenant();
  people = [tenant.address('ben'), tenant.address('carmen'), tenant.address('anna')].map((address) => ({
    address,
  }));
}, 30_000);
afterAll(() => tenant.stop());

describe.each(SEND_TRANSPORTS)('over %s', (transport) => {
  const open = (): Connector => openConnector({ net: tenant.net, sendingLimits: UNHURRIED });

  async function send(connector: Connector, request: object, config: object): Promise<SendEmailResponse> {
    const connection = tenant.connection('anna', transport === 'graph' ? 'graph-sending' : 'smtp');
    const input = { connection, config: { transport, ...config }, requests: [request], activity: 'parts' };
    for await (const response of connector.run('send-email', input)) return response;
    throw new Error('no answer');
  }

  test('are refused, with the numbers, before anything is sent', async () => {
    const response = await send(open(), { to: people, subject: 'x' }, { recipientsPerMessage: 2 });
    expect(response).toMatchObject({
      outcome: 'rejected',
      messageId: null,
      failure: { code: 'too-many-recipients', kind: 'limit', parameters: { count: 3, limit: 2 } },
    });
  });

  test('are split where the settings say so: each part shows its own, and a key sends each part once', async () => {
    const connector = open();
    const config = { recipientsPerMessage: 1, tooManyRecipients: 'split' };
    const [ben, carmen, anna] = people;
    // Anna is named twice and gets it once.
    const request = {
      to: [ben, anna],
      cc: [carmen],
      bcc: [anna],
      subject: `parts ${transport}`,
      idempotencyKey: 'p',
    };
    const response = await send(connector, request, config);
    expect(response).toMatchObject({ outcome: 'accepted' });
    expect(response.recipients).toMatchObject(
      [ben, anna, carmen].map((one) => ({ ...one, outcome: 'accepted' })),
    );
    expect(response.parts).toHaveLength(3);
    const [first, second, third] = response.parts!;
    expect(response.messageId).toBe(first!.messageId);
    expect(new Set(response.parts!.map(({ messageId }) => messageId)).size).toBe(3);
    const headerOf = async (person: 'anna' | 'ben' | 'carmen', part: typeof first): Promise<string> =>
      (await tenant.arrived(person, part!.messageId!)).source.toString('latin1').split('\r\n\r\n')[0]!;
    expect(await headerOf('ben', first)).toContain(ben!.address);
    expect(await headerOf('anna', second)).not.toContain(ben!.address);
    expect(await headerOf('carmen', third)).toMatch(/^Cc: .*carmen/imu);
    const before = (await tenant.stored('ben', 'INBOX')).length;
    const again = await send(connector, request, config);
    expect(again).toMatchObject({ outcome: 'accepted', repeated: true, parts: response.parts });
    // Divided in another way it would reach somebody twice.
    for (const other of [{ ...config, recipientsPerMessage: 2 }, {}])
      expect(await send(connector, request, other)).toMatchObject({
        outcome: 'rejected',
        failure: { code: 'key-reused' },
      });
    expect((await tenant.stored('ben', 'INBOX')).length).toBe(before);
  });

  test('one part that is refused does not keep back the others', async () => {
    const config = { recipientsPerMessage: 1, tooManyRecipients: 'split' };
    const to = [{ address: `nobody@${tenant.address('ben').split('@')[1]!}` }, people[0]!];
    const response = await send(open(), { to, subject: 'half' }, config);
    expect(response.outcome).toBe('accepted');
    expect(response.parts).toHaveLength(2);
    expect(response.parts![1]).toMatchObject({ outcome: 'accepted', recipients: 1 });
  });
});

test('ten thousand recipients are counted and divided without delay', async () => {
  const to = Array.from({ length: 10_000 }, (_, at) => ({ address: `r${String(at)}@fabrikam.example` }));
  const input = {
    connection: tenant.connection('anna', 'smtp'),
    config: { recipientsPerMessage: 1000 },
    requests: [{ to, subject: 'x' }],
  };
  for await (const response of openConnector({ net: tenant.net }).run('send-email', input))
    expect(response.failure).toMatchObject({ parameters: { count: 10_000, limit: 1000 } });
});

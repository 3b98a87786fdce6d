/** What a network policy may hold: everything else is refused before anything connects, each field by name. */
import { rootCertificates } from 'node:tls';
import { describe, expect, test } from '@jest/globals';
import { asFailure, openConnector, type NetPolicy } from '../../src/index.js';

function refusalOf(net: unknown): { code: string; problems: string[] } {
  try {
    openConnector({ net: net as NetPolicy });
  } catch (error) {
    const { code, problems = [] } = asFailure(error).toJSON();
    return { code, problems: problems.map(({ pointer, rule }) => `${pointer} ${rule}`) };
  }
  return { code: 'none', problems: [] };
}

describe('a network policy', () => {
  test('with everything it may hold is taken', () => {
    const [first = '', second = ''] = rootCertificates;
    const policy = {
      hosts: { 'outlook.office365.com:993': '127.0.0.1:1993', 'smtp.office365.com:587': '[::1]:1587' },
      trustedRoots: [first, `# two in one text\n${first}\n${second}\n`],
      proxy: { url: 'http://agent:secret@proxy:3128', bypass: ['*.corp.example'] },
      tap: () => undefined,
      connectTimeoutMs: 1,
      idleTimeoutMs: 2_147_483_647,
    };
    expect(refusalOf(policy)).toEqual({ code: 'none', problems: [] });
    expect(refusalOf({})).toEqual({ code: 'none', problems: [] });
    expect(refusalOf({ proxy: undefined })).toEqual({ code: 'none', problems: [] });
  });

  test.each<[unknown, string[]]>([
    [null, [' type']],
    [[], [' type']],
    ['net.json', [' type']],
    [{ proxi: { url: 'http://proxy:3128' } }, ['/proxi unknown']],
    [{ connectTimeoutMs: 'x' }, ['/connectTimeoutMs type']],
    [{ connectTimeoutMs: -5, idleTimeoutMs: 0 }, ['/connectTimeoutMs too-small', '/idleTimeoutMs too-small']],
    [{ idleTimeoutMs: 1.5 }, ['/idleTimeoutMs type']],
    [{ idleTimeoutMs: 2 ** 31 }, ['/idleTimeoutMs too-large']],
    [{ hosts: 5 }, ['/hosts type']],
    [{ hosts: { 'a:1': 'b' } }, ['/hosts/a:1 shape']],
    [{ hosts: { a: 'b:1' } }, ['/hosts/a shape']],
    [{ hosts: { 'a:1': 'b:65536' } }, ['/hosts/a:1 shape']],
    [{ hosts: { 'a:1': 7 } }, ['/hosts/a:1 shape']],
    [{ trustedRoots: 'quatsch' }, ['/trustedRoots type']],
    [
      { trustedRoots: [rootCertificates[0], 'quatsch', ''] },
      ['/trustedRoots/1 shape', '/trustedRoots/2 shape'],
    ],
    [
      { trustedRoots: ['-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----'] },
      ['/trustedRoots/0 shape'],
    ],
    [{ proxy: 'http://proxy:3128' }, ['/proxy type']],
    [{ proxy: {} }, ['/proxy/url required']],
    [{ proxy: { url: 'socks5://proxy:1' } }, ['/proxy/url shape']],
    [{ proxy: { url: 'http://p:1', bypas: [] } }, ['/proxy/bypas unknown']],
    [{ proxy: { url: 'http://p:1', bypass: [5] } }, ['/proxy/bypass/0 shape']],
    [{ tap: 'yes' }, ['/tap type']],
  ])('such as %j is refused', (net, problems) => {
    expect(refusalOf(net)).toEqual({ code: 'network-policy-invalid', problems });
  });

  test('is refused without a word of what its fields hold', () => {
    const net = { proxy: { url: 'socks5://agent:canary@proxy:1080' } };
    expect(() => openConnector({ net })).toThrow();
    try {
      openConnector({ net });
    } catch (error) {
      expect(JSON.stringify(asFailure(error))).not.toContain('canary');
    }
  });

  test.each(['en', 'de', 'es'])('says in %s which field to mend and how', (language) => {
    const connector = openConnector();
    try {
      openConnector({ net: { connectTimeoutMs: -5 } });
    } catch (error) {
      const { problems } = connector.explain(error, language);
      expect(problems).toHaveLength(1);
      expect(problems[0]).toContain('/connectTimeoutMs');
      expect(problems[0]).toContain('20000');
      return;
    }
    throw new Error('The policy was taken.');
  });
});

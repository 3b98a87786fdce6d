/** Which hosts and ports a firewall must let through, from where and what for. Host names come from the cloud table. */
import { cloudOf, isConsumer } from '../connection/clouds.js';
import { METHODS, type Method, type SetupSettings, type Transport } from './request.js';

export interface Opening {
  readonly host: string;
  readonly port: number;
  readonly protocol: 'https' | 'imap' | 'pop3' | 'smtp';
  /** Who opens it: the machine that runs the connector, the browser of who signs in, or the administrator's machine. */
  readonly from: 'connector' | 'browser' | 'administrator';
  /** Locale key of the purpose. */
  readonly purpose: string;
  /** No page of Microsoft's confirms the host name. */
  readonly unconfirmed: boolean;
}

/** Where the modules of PowerShell come from. */
const GALLERY = 'www.powershellgallery.com';

export function openingsOf(settings: SetupSettings, transports: readonly Transport[]): Opening[] {
  const cloud = cloudOf(settings.cloud ?? 'global', isConsumer(settings.tenant, settings.mailbox));
  const { method } = settings.authentication;
  const opening = (
    from: Opening['from'],
    purpose: string,
    host: string,
    port = 443,
    protocol: Opening['protocol'] = 'https',
  ): Opening => ({
    host,
    port,
    protocol,
    from,
    purpose: `setup.openings.${purpose}`,
    unconfirmed: cloud.unconfirmed.includes(host),
  });
  const browser = method === 'sign-in' || method === 'device-code';
  const exchangePowerShell = cloud.imap.host;
  return [
    opening('connector', `token-${METHODS[method as Method].identity}`, cloud.authorityHost),
    ...(transports.includes('imap')
      ? [opening('connector', 'imap', cloud.imap.host, cloud.imap.port, 'imap')]
      : []),
    ...(transports.includes('pop3')
      ? [opening('connector', 'pop3', cloud.pop3.host, cloud.pop3.port, 'pop3')]
      : []),
    ...(transports.includes('graph') ? [opening('connector', 'read-graph', cloud.graphHost)] : []),
    ...(transports.includes('smtp')
      ? [opening('connector', 'smtp', cloud.smtp.host, cloud.smtp.port, 'smtp')]
      : []),
    ...(transports.includes('graph-send')
      ? [
          opening('connector', 'send-graph', cloud.graphHost),
          // Graph sends files over 3 MB on to Exchange's own host.
          opening('connector', 'upload-graph', new URL(cloud.userMailResource).hostname),
        ]
      : []),
    ...(browser ? [opening('browser', 'sign-in', cloud.authorityHost)] : []),
    opening('administrator', 'sign-in', cloud.authorityHost),
    opening('administrator', 'graph', cloud.graphHost),
    opening('administrator', 'exchange', exchangePowerShell),
    opening('administrator', 'modules', GALLERY),
  ];
}

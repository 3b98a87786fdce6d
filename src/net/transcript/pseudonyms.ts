/**
 * Puts made-up names in place of people, domains, ids, folders and addresses of machines: the same one every time, so
 * that a dialogue still makes sense. Owns: the mapping, which never leaves this object.
 */

const ADDRESS =
  /(?<local>[\p{L}\p{N}.!#$%&'*+/=?^_`{|}~-]+)@(?<domain>[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+)/gu;
const GUID = /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/giu;
/** Ids of Microsoft's own services are the same in every tenant, for example Exchange Online's. */
const MICROSOFT_GUID = /^0000000\d-0000-0[0-9a-f]{3}-[0-9a-f]{4}-0{12}$/iu;
const OWN_GUID = /^0{8}-0{4}-4000-8000-\d{12}$/u;
const TENANT_DOMAIN = /\b[a-z\d-]+(?:\.mail)?\.onmicrosoft\.(?:com|us|cn)\b/giu;
const IPV4 = /(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])/gu;
const IPV6 = /(?<![\w:])(?:[0-9a-f]{1,4}:){3}[0-9a-f:]*[0-9a-f](?![\w:])/giu;
/** Domains that whole countries have their mail in: an address in them is private, their name is not. */
const PUBLIC_DOMAINS = /^(?:outlook|hotmail|live|msn|microsoft|office|office365|microsoftonline|gmail)\./iu;
/** Folders that every mailbox of Exchange has. */
const KNOWN_FOLDERS = new Set(
  (
    'INBOX|Archive|Calendar|Contacts|Conversation History|Deleted Items|Drafts|Journal|Junk Email|Notes|Outbox|' +
    'Sent Items|Sync Issues|Tasks|Other Users|Public Folders|Shared Folders|RSS Feeds|*|%|'
  ).split('|'),
);

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/gu, '\\$&');

export class Pseudonyms {
  readonly #names = new Map<string, string>();
  readonly #counts = new Map<string, number>();
  readonly #domains = new Map<string, RegExp>();

  #name(kind: string, original: string, made: (count: number) => string): string {
    const key = `${kind} ${original.toLowerCase()}`;
    let name = this.#names.get(key);
    if (name === undefined) {
      const count = (this.#counts.get(kind) ?? 0) + 1;
      this.#counts.set(kind, count);
      name = made(count);
      this.#names.set(key, name);
    }
    return name;
  }

  /** From now on the domain is replaced wherever it stands, names below it included. */
  domain(name: string): string {
    const pseudonym = this.#name('domain', name, (count) => `domain${String(count)}.example`);
    if (!PUBLIC_DOMAINS.test(name) && !/^domain\d+\.example$/u.test(name)) {
      this.#domains.set(
        pseudonym,
        new RegExp(`(?<![\\w-])(?:[\\w-]+\\.)*${escaped(name)}(?![\\w-]|\\.\\w)`, 'giu'),
      );
    }
    return pseudonym;
  }

  #address(local: string, domain: string): string {
    const place = this.domain(domain);
    return `${this.#name('user', `${local}@${domain}`, (count) => `user${String(count)}`)}@${place}`;
  }

  #guid(id: string): string {
    if (MICROSOFT_GUID.test(id) || OWN_GUID.test(id)) return id;
    return this.#name('guid', id, (count) => `00000000-0000-4000-8000-${String(count).padStart(12, '0')}`);
  }

  /** A folder's path; the folders of every mailbox keep their names. */
  folder(path: string): string {
    return path
      .split('/')
      .map((name) =>
        KNOWN_FOLDERS.has(name) || /^inbox$/iu.test(name)
          ? name
          : this.#name('folder', name, (count) => `folder${String(count)}`),
      )
      .join('/');
  }

  /** The text with everything that names somebody replaced. */
  apply(text: string): string {
    let result = text
      .replace(GUID, (id) => this.#guid(id))
      .replace(ADDRESS, (address, local: string, domain: string) =>
        /^user\d+$/u.test(local) && /^domain\d+\.example$/u.test(domain)
          ? address
          : this.#address(local, domain),
      )
      .replace(TENANT_DOMAIN, (name) => this.domain(name))
      .replace(IPV4, (address) =>
        address === '127.0.0.1' || address.split('.').some((part) => Number(part) > 255)
          ? address
          : this.#name('ip', address, (count) => `192.0.2.${String(count)}`),
      )
      .replace(IPV6, (address) => this.#name('ip6', address, (count) => `2001:db8::${String(count)}`));
    for (const [pseudonym, pattern] of this.#domains) result = result.replace(pattern, pseudonym);
    return result;
  }
}

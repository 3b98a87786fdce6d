/**
 * What an activity test needs of a Microsoft 365 tenant, whoever plays it: the embedded sandbox, or Dovecot,
 * Postfix and an OpenID provider. Tests are written once against this port; `openTenant()` picks the player.
 *
 * A tenant's side doors (deliver, stored) never go through the product, so that the product cannot vouch for itself.
 */

/**
 * The people every test tenant has. Each has a mailbox, and an app that may open it; Carmen's is for very large mail, and
 * Cara's inbox for tests that need one to themselves, such as those over POP3, which knows no other folder.
 */
export type Person = 'anna' | 'ben' | 'cara' | 'carmen';

export interface StoredMessage {
  readonly uid: number;
  readonly flags: readonly string[];
  readonly source: Buffer;
}

export interface TestTenant {
  readonly kind: 'sandbox' | 'live';

  /** host:port as Microsoft names it → loopback address, plus the PEM root to trust: the `net` policy for openConnector. */
  readonly net: {
    readonly hosts: Readonly<Record<string, string>>;
    readonly trustedRoots: readonly string[];
  };

  /** Primary SMTP address of a person's mailbox. */
  address(person: Person): string;

  /** Settings of an app-only (client secret) connection whose default mailbox is that person's. */
  connection(
    person: Person,
    transport?: 'imap' | 'smtp' | 'pop3' | 'graph' | 'graph-sending',
  ): Record<string, unknown>;

  /** Creates an empty folder with an unused name in the person's mailbox and returns its path ("Tests/xyz" or "xyz"). */
  freshFolder(person: Person): Promise<string>;

  /** Puts a message, byte for byte, into a folder (IMAP APPEND or the equivalent), unread unless flags say otherwise. */
  deliver(
    person: Person,
    folder: string,
    source: Buffer,
    options?: { flags?: readonly string[]; internalDate?: Date },
  ): Promise<void>;

  /** All messages of a folder, ordered by UID, without changing any flag. */
  stored(person: Person, folder: string): Promise<StoredMessage[]>;

  /** Removes all messages of a folder. */
  clear(person: Person, folder: string): Promise<void>;

  /** Waits until INBOX holds a message whose Message-ID header is the given one ("<…>"), and returns it. Rejects after 10 s. */
  arrived(person: Person, messageId: string): Promise<StoredMessage>;

  stop(): Promise<void>;
}

/** What the tap of a network policy is given: one line of a dialogue with a server, already redacted. */
export interface TranscriptEntry {
  readonly protocol: 'https' | 'imap' | 'smtp' | 'pop3';
  /** Counts the connections under one tap, from 1. */
  readonly connection: number;
  readonly host: string;
  readonly port: number;
  /** `note` is the recorder's own word, for example that a connection failed. */
  readonly from: 'client' | 'server' | 'note';
  /** Milliseconds since the first entry's connection was begun. */
  readonly at: number;
  readonly text: string;
}

/** Receives every entry. What it throws is thrown to nobody: a tap must not disturb the traffic. */
export type Tap = (entry: TranscriptEntry) => void;

/**
 * A TCP relay that goes wrong on one connection, once, when so many bytes have gone through all of them; then it is a good
 * line. TLS passes through unopened. Owns: the moment and what happens then. Must not: change a byte.
 */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export type Direction = 'fromServer' | 'fromClient';

export interface CutOptions {
  /** cut: both sides are closed. swallow: both stay open, and nothing that either says arrives any more. */
  readonly how?: 'cut' | 'swallow';
  /** Told of it when it happens. */
  readonly onDone?: () => void;
}

export interface OneCut {
  /** "127.0.0.1:port" */
  readonly address: string;
  /** Bytes on all connections so far. */
  readonly seen: Readonly<Record<Direction, number>>;
  /** How many bytes there had been when each piece of the dialogue began. */
  readonly pieces: Readonly<Record<Direction, readonly number[]>>;
  /** Who spoke, and how much, until the other one did. */
  readonly turns: readonly { readonly way: Direction; readonly start: number; readonly bytes: number }[];
  /** Whether it has happened. */
  readonly done: boolean;
  stop(): Promise<void>;
}

/** @param after bytes in that direction; Infinity never cuts */
export async function startOneCut(
  target: string,
  direction: Direction,
  after: number,
  { how = 'cut', onDone = () => undefined }: CutOptions = {},
): Promise<OneCut> {
  const [host = '', port = ''] = target.split(':');
  const seen = { fromClient: 0, fromServer: 0 };
  const pieces: Record<Direction, number[]> = { fromClient: [], fromServer: [] };
  const turns: { way: Direction; start: number; bytes: number }[] = [];
  const sockets = new Set<Socket>();
  let done = false;
  const server = createServer((client) => {
    const upstream = connect(Number(port), host);
    let isDeaf = false;
    const end = (): void => {
      client.destroy();
      upstream.destroy();
    };
    const relay = (from: Socket, to: Socket, way: Direction): void => {
      sockets.add(from);
      from.on('error', end).on('close', () => {
        sockets.delete(from);
        end();
      });
      from.on('end', () => to.end());
      from.on('data', (bytes) => {
        if (isDeaf) return;
        const left = after - seen[way];
        pieces[way].push(seen[way]);
        const turn = turns.at(-1);
        if (turn?.way === way) turn.bytes += bytes.length;
        else turns.push({ way, start: seen[way], bytes: bytes.length });
        seen[way] += bytes.length;
        if (done || way !== direction || left >= bytes.length) {
          to.write(bytes);
          return;
        }
        done = true;
        // The bytes up to there arrive, in the middle of a TLS record as on a real line.
        const some = bytes.subarray(0, Math.max(0, left));
        if (how === 'cut') to.write(some, end);
        else to.write(some);
        isDeaf = true;
        onDone();
      });
    };
    relay(client, upstream, 'fromClient');
    relay(upstream, client, 'fromServer');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    seen,
    pieces,
    turns,
    get done() {
      return done;
    },
    stop: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

/**
 * Where to cut a dialogue like this one: before each piece of it, so that an answer is lost, and in its middle. Evenly chosen
 * when there are more than that; the very end is left out, for no dialogue is as long as the next.
 */
export function stagesOf(starts: readonly number[], most: number): number[] {
  const stages = starts
    .slice(0, -1)
    .flatMap((start, at) => [start, Math.floor((start + (starts[at + 1] ?? start)) / 2)]);
  if (stages.length <= most) return stages;
  return Array.from(
    { length: most },
    (_, at) => stages[Math.floor((stages.length * (at + 0.5)) / most)] ?? 0,
  );
}

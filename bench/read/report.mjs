/** Medians and ratios of the rounds, as a table and against the targets. */
import { READERS } from './readers.mjs';

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Every ratio is one of two runs of the same round; of these, the median. */
export function report(rounds, say) {
  const results = READERS.filter(({ name }) => rounds[0]?.[name] !== undefined).map((reader) => {
    const { name, label, against } = reader;
    const of = (value) => median(rounds.map((round) => round[name][value]));
    const ratios = rounds.flatMap((round) =>
      round[against] === undefined ? [] : [round[against].milliseconds / round[name].milliseconds],
    );
    return {
      name,
      label,
      milliseconds: of('milliseconds'),
      cpuMilliseconds: of('cpuMilliseconds'),
      peakMegabytes: Math.max(...rounds.map((round) => round[name].peakMegabytes)),
      ...(ratios.length === 0
        ? {}
        : { ratio: median(ratios), ratios: [Math.min(...ratios), Math.max(...ratios)] }),
      ...timesFastestPeer(reader, rounds),
    };
  });
  say(row(['reader', 'seconds', 'CPU s', 'peak MB', 'ratio (lowest to highest)', 'times the fastest peer']));
  for (const { label, milliseconds, cpuMilliseconds, peakMegabytes, ratio, ratios, times } of results) {
    const spread = ratio === undefined ? '' : `${fixed(ratio)} (${fixed(ratios[0])} to ${fixed(ratios[1])})`;
    const seconds = [milliseconds, cpuMilliseconds].map((value) => fixed(value / 1000));
    say(row([label, ...seconds, peakMegabytes.toFixed(0), spread, times === undefined ? '' : fixed(times)]));
  }
  return results;
}

function timesFastestPeer({ name, timesFastestPeer: wanted }, rounds) {
  const peers = READERS.filter(({ peer }) => peer === true).filter(({ name: one }) => rounds[0][one]);
  if (wanted === undefined || peers.length === 0) return {};
  const times = rounds.map((round) => {
    const fastest = Math.min(...peers.map((peer) => round[peer.name].milliseconds));
    return fastest / round[name].milliseconds;
  });
  return { times: median(times) };
}

/** Says which targets are missed. */
export function targetsMissed(results, say) {
  let missed = false;
  for (const { name, label, atLeast, timesFastestPeer, megabytes } of READERS) {
    const result = results.find((one) => one.name === name);
    if (result === undefined) continue;
    const checks = [
      ['ratio', atLeast, result.ratio >= atLeast],
      ['times the fastest peer', timesFastestPeer, result.times >= timesFastestPeer],
      ['MB at most', megabytes, result.peakMegabytes <= megabytes],
    ];
    for (const [what, target, met] of checks) {
      if (target === undefined || met) continue;
      missed = true;
      say(`missed: ${label}, ${what} ${target}`);
    }
  }
  return missed;
}

const fixed = (value) => value.toFixed(2);
const WIDTHS = [26, 8, 7, 8, 26, 0];
const row = (cells) => cells.map((cell, index) => cell.padEnd(WIDTHS[index])).join(' ');

/** Medians and ratios of the rounds, as a table and against the targets. */
import { READERS } from './readers.mjs';

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Every ratio is one of two readers in the same round; of these, the median. What counts is the last run of a process. */
export function report(rounds, say) {
  const results = READERS.filter(({ name }) => rounds[0]?.[name] !== undefined).map((reader) => {
    const { name, label, against } = reader;
    const of = (value) => median(rounds.map((round) => round[name].last[value]));
    const ratiosOf = (run) =>
      rounds.flatMap((round) =>
        round[against] === undefined
          ? []
          : [round[against][run].milliseconds / round[name][run].milliseconds],
      );
    const ratios = ratiosOf('last');
    return {
      name,
      label,
      milliseconds: of('milliseconds'),
      cpuMilliseconds: of('cpuMilliseconds'),
      peakMegabytes: Math.max(...rounds.map((round) => round[name].peakMegabytes)),
      ...(ratios.length === 0
        ? {}
        : {
            ratio: median(ratios),
            ratios: [Math.min(...ratios), Math.max(...ratios)],
            firstRatio: median(ratiosOf('first')),
          }),
      ...timesFastestPeer(reader, rounds),
    };
  });
  say(row(['', '', '', '', 'ratio', 'first run:', 'times the', 'first run:']));
  say(
    row([
      'reader',
      'seconds',
      'CPU s',
      'peak MB',
      '(lowest to highest)',
      'ratio',
      'fastest peer',
      'times the fastest peer',
    ]),
  );
  for (const result of results) {
    const { label, milliseconds, cpuMilliseconds, peakMegabytes, ratio, ratios } = result;
    const spread = ratio === undefined ? '' : `${fixed(ratio)} (${fixed(ratios[0])} to ${fixed(ratios[1])})`;
    const seconds = [milliseconds, cpuMilliseconds].map((value) => fixed(value / 1000));
    const others = [result.firstRatio, result.times, result.firstTimes].map((value) =>
      value === undefined ? '' : fixed(value),
    );
    say(row([label, ...seconds, peakMegabytes.toFixed(0), spread, ...others]));
  }
  return results;
}

function timesFastestPeer({ name, timesFastestPeer: wanted }, rounds) {
  const peers = READERS.filter(({ peer }) => peer === true).filter(({ name: one }) => rounds[0][one]);
  if (wanted === undefined || peers.length === 0) return {};
  const timesOf = (run) =>
    rounds.map((round) => {
      const fastest = Math.min(...peers.map((peer) => round[peer.name][run].milliseconds));
      return fastest / round[name][run].milliseconds;
    });
  return { times: median(timesOf('last')), firstTimes: median(timesOf('first')) };
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
const WIDTHS = [26, 8, 7, 8, 22, 11, 13, 0];
const row = (cells) => cells.map((cell, index) => cell.padEnd(WIDTHS[index])).join(' ');

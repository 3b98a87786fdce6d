/** Patterns that designers write: names with * and ?, media types with *, lists of them with semicolons. Linear in the text. */

/** Whether a text fits a pattern, regardless of case. * stands for any text, ? for one character. */
export function fitsPattern(text: string, pattern: string): boolean {
  const [t, p] = [Array.from(text.toLowerCase()), Array.from(pattern.toLowerCase())];
  let [at, place, star, resume] = [0, 0, -1, 0];
  // The classic greedy walk with one place to go back to: no pattern makes it explode.
  while (at < t.length) {
    if (place < p.length && p[place] === '*') {
      star = place++;
      resume = at;
    } else if (place < p.length && (p[place] === '?' || p[place] === t[at])) {
      place++;
      at++;
    } else if (star >= 0) {
      place = star + 1;
      at = ++resume;
    } else return false;
  }
  while (p[place] === '*') place++;
  return place === p.length;
}

/** Whether a text fits one of the patterns of a list such as "*.pdf; *.xml". */
export function fitsAny(text: string, list: string): boolean {
  return list
    .split(';')
    .map((pattern) => pattern.trim())
    .some((pattern) => pattern !== '' && fitsPattern(text, pattern));
}

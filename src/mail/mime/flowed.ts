/**
 * format=flowed (RFC 3676): lines that end in a space go on in the next one. Owns: joining them. Must not: know charsets.
 */

const SIGNATURE = '-- ';

/** Text with LF line ends; quoted paragraphs keep their marks. `delSp`: the space at the end was added for transport. */
export function unflow(text: string, delSp: boolean): string {
  const lines: string[] = [];
  let open = '';
  let openDepth = -1;
  for (const raw of text.split('\n')) {
    let depth = 0;
    while (raw[depth] === '>') depth += 1;
    // Space-stuffing (section 4.4).
    const content = raw.slice(raw[depth] === ' ' ? depth + 1 : depth);
    const continues = openDepth === depth && content !== SIGNATURE;
    if (openDepth >= 0 && !continues) lines.push(open);
    const flows = content.endsWith(' ') && content !== SIGNATURE;
    const kept = flows && delSp ? content.slice(0, -1) : content;
    open = continues ? open + kept : quoted(depth) + kept;
    openDepth = flows ? depth : -1;
    if (!flows) lines.push(open);
  }
  if (openDepth >= 0) lines.push(open);
  return lines.join('\n');
}

function quoted(depth: number): string {
  return depth === 0 ? '' : `${'>'.repeat(depth)} `;
}

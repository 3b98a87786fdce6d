/**
 * Who may read a file on Windows, where the mode bits say nothing. Owns: the call of icacls and the reading of its answer
 * in the Security Descriptor Definition Language ([MS-DTYP] 2.5.1), which is the same in every language of Windows.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** SYSTEM and the administrators, who can read every file anyway: as abbreviations and as identifiers. */
const ALWAYS = new Set(['SY', 'BA', 'S-1-5-18', 'S-1-5-32-544']);
/** Type; flags; rights; object; inherited object; trustee. A condition may follow. */
const ACE = /\((\w+);(\w*);(?:[^;()]*;){3}([\w-]+)/gu;
/** Of the types, those that grant (2.5.1.1): plain, object, callback, callback object. */
const GRANTING = new Set(['A', 'OA', 'XA', 'ZA']);

/**
 * @param sddl descriptor of a file, or the file that `icacls /save` writes
 * @param user security identifier of the owner
 * @returns identifiers of others who are allowed anything; "everyone" when there is no list, which allows all
 */
export function strangersIn(sddl: string, user: string): string[] {
  // D: begins the list that grants, S: the one that audits.
  const [, granting] = /D:([^\n]*?)(?:S:|$)/mu.exec(sddl) ?? [];
  if (granting === undefined || granting.includes('NO_ACCESS_CONTROL')) return ['everyone'];
  return [...granting.matchAll(ACE)]
    .filter(([, type = '', flags = '']) => GRANTING.has(type) && !flags.includes('IO'))
    .map(([, , , trustee = '']) => trustee)
    .filter((trustee) => trustee !== user && !ALWAYS.has(trustee));
}

/** Security identifier of the user this process runs as. */
function currentUser(): string {
  const answer = execFileSync('whoami', ['/user', '/fo', 'csv', '/nh'], { encoding: 'utf8' });
  const [sid] = /S-1-[\d-]+/u.exec(answer) ?? [];
  if (sid === undefined) throw new Error('whoami names no security identifier.');
  return sid;
}

/** Takes every inherited right away and lets the current user alone have the file. */
export function restrictOnWindows(file: string): void {
  const grant = `*${currentUser()}:F`;
  execFileSync('icacls', [file, '/inheritance:r', '/grant:r', grant, '/q'], { stdio: 'ignore' });
}

export function isExposedOnWindows(file: string): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'm365-email-rights-'));
  try {
    const saved = join(folder, 'rights');
    execFileSync('icacls', [file, '/save', saved, '/q'], { stdio: 'ignore' });
    return strangersIn(readFileSync(saved, 'utf16le'), currentUser()).length > 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs a foreign program without blocking: the sandbox it talks to lives in this very process. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface ProgramResult {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export function run(program: string, args: readonly string[], input: string): Promise<ProgramResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'pipe', timeout: 30_000 });
    const stdout: Buffer[] = [];
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout: Buffer.concat(stdout), stderr }));
    child.stdin.on('error', () => undefined); // It may end before it has read everything: its exit code tells.
    child.stdin.end(input);
  });
}

/** Runs test/live/python/<script>.py with a case on stdin; answers with the JSON it printed. */
export async function python(script: string, input: object): Promise<unknown> {
  const file = fileURLToPath(new URL(`../python/${script}.py`, import.meta.url));
  const { code, stdout, stderr } = await run('python3', ['-B', file], JSON.stringify(input));
  if (code !== 0) throw new Error(`${script}.py ended with ${String(code)}:\n${stderr}`);
  return JSON.parse(stdout.toString('utf8'));
}

/** Runs curl with its options on stdin, so that no token is visible in the process list. */
export function curl(options: Readonly<Record<string, string | true>>): Promise<ProgramResult> {
  const quoted = (value: string): string => `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
  const lines = Object.entries(options).map(([name, value]) =>
    value === true ? name : `${name} = ${quoted(value)}`,
  );
  return run('curl', ['--config', '-', '--silent', '--show-error', '--max-time', '20'], lines.join('\n'));
}

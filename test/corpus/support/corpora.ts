/** Where the foreign mail is: `shared/corpora` in a folder above. A plain clone has none, and says so. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

function above(folder: string): string | undefined {
  const found = join(folder, 'shared', 'corpora');
  if (existsSync(found)) return found;
  return dirname(folder) === folder ? undefined : above(dirname(folder));
}

/** undefined where there is none. */
export const corpora: string | undefined = above(process.cwd());

if (corpora === undefined)
  process.stderr.write(
    'test:corpus SKIPPED: no folder shared/corpora above this one; see CONTRIBUTING.md.\n',
  );

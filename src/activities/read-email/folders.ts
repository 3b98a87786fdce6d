/** Which folders a run reads. */
import type { ReadEmailConfig } from '../../generated/types.js';
import type { ReadingSession } from '../../mail/index.js';

/** The folder of the settings, and those below it when they are asked for, in the order of the tree. */
export async function foldersOf(session: ReadingSession, config: ReadEmailConfig): Promise<string[]> {
  if (config.includeSubfolders !== true) return [config.folder];
  const root = await session.openFolder(config.folder, 'read');
  const tree = await session.folders();
  const at = tree.findIndex(
    ({ value }) => value === root.path || value === config.folder || value === `id:${root.id}`,
  );
  const top = tree[at];
  if (top === undefined) return [config.folder];
  const after = tree.slice(at + 1);
  const end = after.findIndex(({ level }) => level <= top.level);
  const below = end === -1 ? after : after.slice(0, end);
  return [config.folder, ...below.filter(({ selectable }) => selectable).map(({ value }) => value)];
}

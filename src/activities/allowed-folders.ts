/** Whether a path lies in a folder that the operator allows. Must not: follow links; who asks does, and asks again. */
import { isAbsolute, relative, sep } from 'node:path';

/** The folder itself counts. "..data" is a name; only ".." alone leads up. */
export function isWithin(folder: string, path: string): boolean {
  const between = relative(folder, path);
  return between === '' || (between.split(sep)[0] !== '..' && !isAbsolute(between));
}

/**
 * The folders of a mailbox: the tree as a pick-list shows it, and the one that a name means. Owns: well-known names
 * and paths. The inbox is called INBOX in paths whatever its name, so that a folder has the same path over IMAP.
 */
import { Failure, isFailure } from '../../errors/index.js';
import type { Folder } from '../../generated/types.js';
import type { GraphClient } from './client.js';
import { inParallel } from './parallel.js';

export interface GraphFolder {
  readonly id: string;
  readonly name: string;
  readonly path: string;
  readonly level: number;
  readonly messages: number;
  readonly role: NonNullable<Folder['role']> | undefined;
}

/** https://learn.microsoft.com/graph/api/resources/mailfolder */
const WELL_KNOWN: Readonly<Record<string, NonNullable<Folder['role']>>> = {
  inbox: 'inbox',
  sentitems: 'sent',
  drafts: 'drafts',
  deleteditems: 'trash',
  junkemail: 'junk',
  archive: 'archive',
};
const SELECT = '$select=id,displayName,childFolderCount,totalItemCount';
const PAGE = 100;
/** A mailbox has at most some ten thousand folders; a tree without end is a defect of whoever answers. */
const MAX_FOLDERS = 50_000;
const INBOX = 'INBOX';

interface FolderAnswer {
  readonly id: string;
  readonly displayName: string;
  readonly childFolderCount: number;
  readonly totalItemCount: number;
}

export class GraphFolders {
  readonly #client: GraphClient;
  #tree: readonly GraphFolder[] | undefined;

  constructor(client: GraphClient) {
    this.#client = client;
  }

  /** In tree order, the inbox first. */
  async list(): Promise<Folder[]> {
    const tree = await this.#load();
    return tree.map(({ id, name, level, role }) => ({
      value: `id:${id}`,
      label: name,
      level,
      selectable: true,
      ...(role === undefined ? {} : { role }),
    }));
  }

  /** By path, well-known name, or `id:` and an id. @throws Failure folder-not-found */
  async find(name: string): Promise<GraphFolder> {
    if (name.startsWith('id:')) return this.#byId(name.slice('id:'.length), name);
    const wellKnown = name.toLowerCase();
    if (Object.hasOwn(WELL_KNOWN, wellKnown)) return this.#byId(wellKnown, name);
    const found = await this.#byPath(name);
    if (found !== undefined) return found;
    throw new Failure('folder-not-found', {
      parameters: { mailbox: this.#client.context.mailbox, folder: name },
    });
  }

  /** The folder, made with its parents where it is missing. @throws Failure folder-not-found */
  async findOrCreate(path: string): Promise<GraphFolder> {
    try {
      return await this.find(path);
    } catch (error) {
      const isMissing = isFailure(error) && error.code === 'folder-not-found' && !path.startsWith('id:');
      if (!isMissing) throw error;
    }
    const names = path.split('/');
    let parent: GraphFolder | undefined;
    for (let depth = 1; depth <= names.length; depth += 1) {
      const known = await this.#byPath(names.slice(0, depth).join('/'));
      parent = known ?? (await this.#create(names[depth - 1] ?? '', parent, path));
    }
    return this.find(path);
  }

  async #create(
    name: string,
    parent: GraphFolder | undefined,
    path: string,
  ): Promise<GraphFolder | undefined> {
    const below =
      parent === undefined ? '/mailFolders' : `/mailFolders/${encodeURIComponent(parent.id)}/childFolders`;
    try {
      await this.#client.json({
        method: 'POST',
        path: below,
        body: { displayName: name },
        subject: { kind: 'folder', name: path },
      });
    } catch (error) {
      // Somebody else made it at the same moment.
      if (!isFailure(error) || error.facts.reply !== 'graph-folder-exists') throw error;
    }
    this.#tree = undefined;
    return this.#byPath(parent === undefined ? name : `${parent.path}/${name}`);
  }

  async #byId(id: string, asked: string): Promise<GraphFolder> {
    const folder = await this.#get(id, asked);
    const known = (await this.#load()).find((one) => one.id === folder.id);
    return { ...toFolder(folder, undefined, undefined), ...known, messages: folder.totalItemCount };
  }

  async #byPath(path: string): Promise<GraphFolder | undefined> {
    const wanted = path.toLowerCase();
    const inTree = (tree: readonly GraphFolder[]): GraphFolder | undefined =>
      tree.find((folder) => folder.path.toLowerCase() === wanted);
    const remembered = this.#tree === undefined ? undefined : inTree(this.#tree);
    if (remembered !== undefined) return remembered;
    this.#tree = undefined;
    return inTree(await this.#load());
  }

  async #load(): Promise<readonly GraphFolder[]> {
    if (this.#tree !== undefined) return this.#tree;
    const roles = await this.#roles();
    const tree: GraphFolder[] = [];
    await this.#descend('/mailFolders', undefined, roles, tree);
    this.#tree = tree;
    return tree;
  }

  async #descend(
    path: string,
    parent: GraphFolder | undefined,
    roles: ReadonlyMap<string, NonNullable<Folder['role']>>,
    into: GraphFolder[],
  ): Promise<void> {
    const children = await this.#children(`${path}?$top=${String(PAGE)}&${SELECT}`);
    const sorted = children
      .map((answer) => ({ answer, folder: toFolder(answer, parent, roles.get(answer.id)) }))
      .sort((a, b) => inOrder(a.folder, b.folder));
    for (const { answer, folder } of sorted) {
      into.push(folder);
      if (into.length > MAX_FOLDERS) throw unexpected('a folder tree without end');
      if (answer.childFolderCount === 0) continue;
      await this.#descend(`/mailFolders/${encodeURIComponent(answer.id)}/childFolders`, folder, roles, into);
    }
  }

  async #children(first: string): Promise<FolderAnswer[]> {
    const found: FolderAnswer[] = [];
    let path: string | undefined = first;
    while (path !== undefined) {
      const { mailbox } = this.#client.context;
      const answer = await this.#client.json({
        method: 'GET',
        path,
        subject: { kind: 'mailbox', name: mailbox },
      });
      const page = answer as { value?: unknown; '@odata.nextLink'?: unknown } | undefined;
      if (!Array.isArray(page?.value)) throw unexpected('a list without folders in it');
      found.push(...page.value.map(folderOf));
      const link = page['@odata.nextLink'];
      path = typeof link === 'string' ? this.#client.pathOf(link) : undefined;
      if (found.length > MAX_FOLDERS) throw unexpected('a list of folders without end');
    }
    return found;
  }

  /** Names differ from mailbox to mailbox; only asking by the well-known name tells which folder is which. */
  async #roles(): Promise<Map<string, NonNullable<Folder['role']>>> {
    const roles = new Map<string, NonNullable<Folder['role']>>();
    await inParallel(Object.entries(WELL_KNOWN), async ([name, role]) => {
      try {
        roles.set((await this.#get(name, name)).id, role);
      } catch (error) {
        // Not every mailbox has an archive folder.
        if (!isFailure(error) || error.code !== 'folder-not-found') throw error;
      }
    });
    return roles;
  }

  async #get(id: string, asked: string): Promise<FolderAnswer> {
    const path = `/mailFolders/${encodeURIComponent(id)}?${SELECT}`;
    return folderOf(
      await this.#client.json({ method: 'GET', path, subject: { kind: 'folder', name: asked } }),
    );
  }
}

function folderOf(answer: unknown): FolderAnswer {
  const { id, displayName, childFolderCount, totalItemCount } = (
    typeof answer === 'object' && answer !== null ? answer : {}
  ) as Partial<Record<keyof FolderAnswer, unknown>>;
  if (typeof id !== 'string') throw unexpected('a folder without an id');
  return {
    id,
    displayName: typeof displayName === 'string' ? displayName : '',
    childFolderCount: typeof childFolderCount === 'number' ? childFolderCount : 0,
    totalItemCount: typeof totalItemCount === 'number' ? totalItemCount : 0,
  };
}

function toFolder(
  { id, displayName, totalItemCount }: FolderAnswer,
  parent: GraphFolder | undefined,
  role: NonNullable<Folder['role']> | undefined,
): GraphFolder {
  const own = role === 'inbox' ? INBOX : displayName;
  return {
    id,
    name: displayName,
    path: parent === undefined ? own : `${parent.path}/${own}`,
    level: parent === undefined ? 0 : parent.level + 1,
    messages: totalItemCount,
    role,
  };
}

function inOrder(a: GraphFolder, b: GraphFolder): number {
  if (a.role === 'inbox' || b.role === 'inbox') return a.role === 'inbox' ? -1 : 1;
  return a.name.localeCompare(b.name);
}

const unexpected = (what: string): Failure => new Failure('server-answer-unexpected', { serverText: what });

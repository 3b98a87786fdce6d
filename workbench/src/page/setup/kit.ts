/** The setup kit as the server makes it, and the files that it becomes. Must not: show anything. */

export interface Kit {
  readonly steps: readonly {
    readonly id: string;
    readonly title: string;
    readonly why: string;
    readonly role: string;
    readonly waitMinutes: number;
  }[];
  readonly powershell: string;
  readonly undo: string;
  readonly azureCli: string;
  readonly appManifest: object;
  readonly handover: string;
  readonly markdown: string;
  readonly consentUrls: readonly { readonly text: string; readonly url: string }[];
  readonly openings: readonly Opening[];
}

export interface Opening {
  readonly host: string;
  readonly port: number;
  readonly protocol: string;
  readonly from: string;
  readonly purpose: string;
  readonly unconfirmed: boolean;
}

export interface KitFile {
  /** Last part of its text's key. */
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly text: string;
}

/** Windows PowerShell 5.1 takes a script without it for one in the machine's own code page. */
const BYTE_ORDER_MARK = '\uFEFF';

export function filesOf(kit: Kit): KitFile[] {
  const json = `${JSON.stringify(kit.appManifest, null, 2)}\n`;
  return [
    { id: 'powershell', name: 'setup.ps1', type: 'text/plain', text: kit.powershell },
    { id: 'undo', name: 'undo.ps1', type: 'text/plain', text: kit.undo },
    { id: 'azureCli', name: 'setup.sh', type: 'text/plain', text: kit.azureCli },
    { id: 'appManifest', name: 'app.json', type: 'application/json', text: json },
    { id: 'handover', name: 'handover.html', type: 'text/html', text: kit.handover },
    { id: 'markdown', name: 'handover.md', type: 'text/markdown', text: kit.markdown },
  ];
}

/** Hands a file to the browser's downloads. */
export function download({ name, type, text }: KitFile): void {
  const parts = name.endsWith('.ps1') ? [BYTE_ORDER_MARK, text] : [text];
  const address = URL.createObjectURL(new Blob(parts, { type: `${type};charset=utf-8` }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // After the browser has taken it.
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

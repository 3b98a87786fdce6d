/**
 * Owns the question "are Dovecot, Postfix and the other programs of the live tests on this machine?" and, on Debian
 * as root, their installation. Starts none of them: not the packages' own services either.
 */
import { spawnSync } from 'node:child_process';
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';

/** Program → Debian package. Dovecot's protocols are separate programs in separate packages. */
const NEEDED = [
  { program: 'dovecot', package: 'dovecot-imapd' },
  { program: 'imap', package: 'dovecot-imapd', folders: ['/usr/lib/dovecot', '/usr/libexec/dovecot'] },
  { program: 'pop3', package: 'dovecot-pop3d', folders: ['/usr/lib/dovecot', '/usr/libexec/dovecot'] },
  { program: 'lmtp', package: 'dovecot-lmtpd', folders: ['/usr/lib/dovecot', '/usr/libexec/dovecot'] },
  { program: 'postfix', package: 'postfix' },
  { program: 'python3', package: 'python3' },
  { program: 'curl', package: 'curl' },
  { program: 'openssl', package: 'openssl' },
  { program: 'mbsync', package: 'isync' },
  // A plug-in and no program; it lets mbsync sign in with a token.
  {
    program: 'libkdexoauth2.so',
    package: 'libsasl2-modules-kdexoauth2',
    isPlugin: true,
    folders: ['/usr/lib/x86_64-linux-gnu/sasl2', '/usr/lib/aarch64-linux-gnu/sasl2', '/usr/lib/sasl2'],
  },
];
const POLICY = '/usr/sbin/policy-rc.d';

/** Absolute path of a program, or undefined. The system folders count even if PATH leaves them out. */
export function locate(
  program,
  folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'],
) {
  return folders.map((folder) => join(folder, program)).find(isExecutable);
}

/** Makes every program available if it may; answers with the reason why the live tests cannot run here, or undefined. */
export function preparePrograms(say) {
  const asRoot = process.getuid?.() === 0;
  let missing = missingPrograms();
  if (missing.length > 0 && asRoot && existsSync('/etc/debian_version') && locate('apt-get')) {
    install([...new Set(missing.map((entry) => entry.package))], say);
    missing = missingPrograms();
  }
  if (missing.length > 0) {
    const names = missing.map((entry) => `${entry.program} (Debian package ${entry.package})`);
    return `these programs are missing: ${names.join(', ')}`;
  }
  // Postfix's master gives up unless root starts it, even on high ports with a configuration of one's own.
  return asRoot ? undefined : 'Postfix can only be started by root, and this is not root';
}

function missingPrograms() {
  return NEEDED.filter(({ program, folders, isPlugin }) =>
    isPlugin
      ? !folders.some((folder) => existsSync(join(folder, program)))
      : locate(program, folders) === undefined,
  );
}

function install(packages, say) {
  say(`installing ${packages.join(', ')} (Debian packages; their own services are not started)`);
  const restorePolicy = forbidServiceStarts();
  try {
    apt(['update', '-q']);
    // "No configuration": this machine's own mail set-up is none of our business.
    spawnSync('debconf-set-selections', {
      input: 'postfix postfix/main_mailer_type select No configuration\n',
    });
    apt(['install', '-q', '-y', '--no-install-recommends', ...packages]);
  } finally {
    restorePolicy();
  }
}

/** invoke-rc.d asks this file before a package may start its service; 101 is "no". */
function forbidServiceStarts() {
  const before = existsSync(POLICY)
    ? { content: readFileSync(POLICY), mode: statSync(POLICY).mode & 0o777 }
    : undefined;
  writeFileSync(POLICY, '#!/bin/sh\nexit 101\n');
  chmodSync(POLICY, 0o755);
  return () => {
    rmSync(POLICY, { force: true });
    if (before) {
      writeFileSync(POLICY, before.content);
      chmodSync(POLICY, before.mode);
    }
  };
}

function apt(args) {
  const result = spawnSync('apt-get', args, {
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' },
  });
  if (result.status !== 0) {
    throw new Error(`apt-get ${args[0]} failed:\n${result.stdout ?? ''}${result.stderr ?? ''}`);
  }
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/**
 * Owns Dovecot as outlook.office365.com: IMAP and POP3 over TLS with XOAUTH2, mailboxes, and the two sockets Postfix
 * uses (delivery by LMTP, sign-in by Dovecot's SASL service). Every token is shown to the OpenID provider, every time.
 *
 * Side door for tests only: PLAIN with a password of its own, so that a test can look without the product's help.
 */
import { spawn } from 'node:child_process';
import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { greeting } from './greeting.mjs';
import { locate } from './programs.mjs';

/** `nobody` and `nogroup` on Debian: mail files belong to somebody who owns nothing else. */
const MAIL_UID = 65_534;
const MAIL_GID = 65_534;
const STOP_PATIENCE_MS = 5_000;

export async function startDovecot({ folder, ports, certificates, people, introspectionUrl }) {
  const file = (name) => join(folder, name);
  mkdirSync(folder, { mode: 0o755 });
  mkdirSync(file('mail'), { mode: 0o700 });
  chownSync(file('mail'), MAIL_UID, MAIL_GID);
  writeFileSync(file('tokens.conf'), tokenSettings(introspectionUrl, certificates), { mode: 0o600 });
  const passwords = Object.values(people).map(
    (person) => `${person.address}:{PLAIN}${person.password}::::::`,
  );
  writeFileSync(file('passwords'), `${passwords.join('\n')}\n`, { mode: 0o644 });
  writeFileSync(file('dovecot.conf'), settings({ folder, ports, certificates }), { mode: 0o644 });

  // In a process group of its own: Ctrl-C in the terminal must reach it through stop() only.
  const master = spawn(locate('dovecot'), ['-F', '-c', file('dovecot.conf')], {
    detached: true,
    stdio: 'pipe',
  });
  let words = '';
  for (const stream of [master.stdout, master.stderr]) stream.on('data', (chunk) => (words += String(chunk)));
  const ended = new Promise((resolve) => master.once('exit', resolve).once('error', resolve));
  const stop = async () => {
    master.kill('SIGTERM');
    const late = setTimeout(() => process.kill(-master.pid, 'SIGKILL'), STOP_PATIENCE_MS);
    await ended;
    clearTimeout(late);
  };
  try {
    await Promise.race([
      greeting(ports.imaps, {
        tls: { servername: 'outlook.office365.com', ca: certificates.root },
        expected: '* OK',
      }),
      ended.then((code) => Promise.reject(new Error(`Dovecot ended with ${String(code)}: ${words}`))),
    ]);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    lmtpSocket: file('run/lmtp'),
    saslSocket: file('run/auth-postfix'),
    log: file('dovecot.log'),
    stop,
  };
}

function tokenSettings(introspectionUrl, certificates) {
  return `introspection_mode = post
introspection_url = ${introspectionUrl}
tls_ca_cert_file = ${certificates.rootFile}
active_attribute = active
active_value = true
username_attribute = upn
`;
}

function settings({ folder, ports, certificates }) {
  return `base_dir = ${folder}/run
state_dir = ${folder}/state
log_path = ${folder}/dovecot.log
instance_name = live-tests
listen = 127.0.0.1
protocols = imap pop3 lmtp

ssl = required
ssl_min_protocol = TLSv1.2
ssl_cert = <${certificates.certificateFile}
ssl_key = <${certificates.keyFile}

# OAUTHBEARER stays out: Exchange Online does not offer it.
auth_mechanisms = plain xoauth2
auth_failure_delay = 0
passdb {
  driver = oauth2
  mechanisms = xoauth2
  args = ${folder}/tokens.conf
}
passdb {
  driver = passwd-file
  mechanisms = plain
  args = ${folder}/passwords
}
userdb {
  driver = static
  args = uid=${MAIL_UID} gid=${MAIL_GID} home=${folder}/mail/%u allow_all_users=yes
}

mail_location = sdbox:~/mail
mail_fsync = never
mail_max_userip_connections = 200
postmaster_address = postmaster@contoso.example
namespace inbox {
  inbox = yes
  separator = /
  mailbox "Sent Items" {
    auto = subscribe
    special_use = \\Sent
  }
  mailbox Drafts {
    auto = subscribe
    special_use = \\Drafts
  }
  mailbox "Deleted Items" {
    auto = subscribe
    special_use = \\Trash
  }
  mailbox "Junk Email" {
    auto = subscribe
    special_use = \\Junk
  }
  mailbox Archive {
    auto = subscribe
    special_use = \\Archive
  }
}

# Messages of 150 MB pass through; the default of 256 MB per process is too near to that.
default_vsz_limit = 1 G
service imap-login {
  service_count = 0
  inet_listener imap {
    port = 0
  }
  inet_listener imaps {
    port = ${ports.imaps}
    ssl = yes
  }
}
service pop3-login {
  service_count = 0
  inet_listener pop3 {
    port = 0
  }
  inet_listener pop3s {
    port = ${ports.pop3s}
    ssl = yes
  }
}
service lmtp {
  unix_listener lmtp {
    mode = 0666
  }
}
service auth {
  unix_listener auth-postfix {
    mode = 0666
  }
}
# Without this each refused sign-in makes the next one of the same address slower.
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
`;
}

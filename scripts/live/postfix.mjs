/**
 * Owns Postfix as smtp.office365.com:587: submission with STARTTLS and XOAUTH2 (judged by Dovecot), delivery to the
 * tenant's own people by LMTP, and to nobody else: no mail leaves the machine.
 *
 * Postfix must hand over what it was given: no header is added but Received and Return-Path, no line is folded or re-encoded.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { greeting } from './greeting.mjs';
import { locate } from './programs.mjs';

/** `folder` must be absolute: with a relative one, `postfix stop` does nothing and does not say so. */
export async function startPostfix({ folder, port, domain, certificates, people, lmtpSocket, saslSocket }) {
  const file = (name) => join(folder, name);
  for (const name of ['', 'config', 'queue', 'data']) mkdirSync(file(name), { mode: 0o755 });
  const [uid, gid] = ['-u', '-g'].map((flag) =>
    Number(execFileSync('id', [flag, 'postfix'], { encoding: 'utf8' })),
  );
  execFileSync('chown', [`${uid}:${gid}`, file('data')]);
  const addresses = Object.values(people).map((person) => person.address);
  writeFileSync(
    file('config/main.cf'),
    mainSettings({ folder, domain, certificates, addresses, lmtpSocket, saslSocket }),
  );
  writeFileSync(file('config/master.cf'), services(port));

  const postfix = (command) =>
    execFileSync(locate('postfix'), ['-c', file('config'), command], { encoding: 'utf8', stdio: 'pipe' });
  const stop = () => {
    postfix('stop');
    return Promise.resolve();
  };
  postfix('start');
  try {
    await greeting(port, { expected: '220 ' });
  } catch (error) {
    stop();
    throw new Error(`Postfix does not answer:\n${readFileSync(file('postfix.log'), 'utf8')}`, {
      cause: error,
    });
  }
  return { log: file('postfix.log'), stop };
}

function mainSettings({ folder, domain, certificates, addresses, lmtpSocket, saslSocket }) {
  const inline = (value) =>
    `inline:{ ${addresses.map((address) => `{ ${address} = ${value(address)} }`).join(', ')} }`;
  return `compatibility_level = 3.6
queue_directory = ${folder}/queue
data_directory = ${folder}/data
maillog_file = ${folder}/postfix.log
maillog_file_prefixes = ${folder}
syslog_name = live-tests

myhostname = smtp.office365.com
mydomain = ${domain}
myorigin = ${domain}
mydestination =
alias_maps =
alias_database =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks =
biff = no
notify_classes =

# Only this tenant's people get mail; whatever else is asked for has nowhere to go.
virtual_mailbox_domains = ${domain}
virtual_mailbox_maps = ${inline(() => 'here')}
virtual_transport = lmtp:unix:${lmtpSocket}
# Whoever writes to another company is believed, and the mail thrown away.
transport_maps = inline:{ { fabrikam.example = discard:another company }, { .fabrikam.example = discard:another company } }
default_transport = error:this tenant sends nothing outside
relay_transport = error:this tenant sends nothing outside
local_transport = error:this tenant has no local users
recipient_delimiter = +
smtpd_reject_unlisted_recipient = yes
unknown_virtual_mailbox_reject_code = 550

smtpd_tls_security_level = encrypt
smtpd_tls_auth_only = yes
smtpd_tls_mandatory_protocols = >=TLSv1.2
smtpd_tls_chain_files = ${certificates.keyFile}, ${certificates.certificateFile}

smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = unix:${saslSocket}
smtpd_sasl_security_options = noanonymous
# The password side door is for reading; sending goes by token only.
smtpd_sasl_mechanism_filter = xoauth2
smtpd_sender_login_maps = ${inline((address) => address)}
smtpd_sender_restrictions = reject_sender_login_mismatch
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_recipient_restrictions = permit_sasl_authenticated, reject

# 150 MB as Exchange Online announces; a line long enough for AUTH with a token of several kB.
message_size_limit = 157286400
mailbox_size_limit = 0
virtual_mailbox_limit = 0
line_length_limit = 16384
smtpd_sasl_response_limit = 16384

# Clients on loopback count as local by default, and local mail gets headers completed and rewritten.
local_header_rewrite_clients =
lmtp_line_length_limit = 0
disable_mime_output_conversion = yes

# Tests refuse on purpose and are in a hurry.
smtpd_error_sleep_time = 0
smtpd_soft_error_limit = 1000
smtpd_hard_error_limit = 1000
in_flow_delay = 0
smtpd_peername_lookup = no
`;
}

/** No service runs in a chroot ("n" in the fifth column): the sockets and certificates are elsewhere. */
function services(port) {
  return `127.0.0.1:${port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`;
}

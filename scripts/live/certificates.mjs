/**
 * Owns the run's own certificate authority and the one server certificate that Dovecot, Postfix, the OpenID provider
 * and the shim share. Both live as long as the run's folder; no other machine ever trusts them.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const NAMES = ['login.microsoftonline.com', 'outlook.office365.com', 'smtp.office365.com', 'localhost'];

/** Creates both and answers with the file names, plus the root as PEM text. */
export function createCertificates(folder) {
  mkdirSync(folder, { mode: 0o711 }); // The root is for everybody (Dovecot's SASL service is not root); keys are 0600.
  const file = (name) => join(folder, name);
  const openssl = (...args) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });

  const authority = 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n';
  const leaf = [
    'basicConstraints=critical,CA:FALSE',
    'keyUsage=critical,digitalSignature,keyEncipherment',
    'extendedKeyUsage=serverAuth',
    `subjectAltName=${NAMES.map((name) => `DNS:${name}`).join(',')}`,
  ].join('\n');
  writeFileSync(file('authority.ext'), authority);
  writeFileSync(file('leaf.ext'), leaf);

  const key = (name) =>
    openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', name);
  const request = (name, subject) =>
    openssl('req', '-new', '-key', `${name}.key`, '-subj', subject, '-out', `${name}.csr`);
  const sign = (name, ...by) =>
    openssl(
      'x509',
      '-req',
      '-sha256',
      '-days',
      '2',
      '-in',
      `${name}.csr`,
      '-extfile',
      `${name}.ext`,
      ...by,
      '-out',
      `${name}.pem`,
    );

  key('authority.key');
  request('authority', '/CN=Live tests root');
  sign('authority', '-signkey', 'authority.key');
  key('leaf.key');
  request('leaf', '/CN=localhost');
  sign('leaf', '-CA', 'authority.pem', '-CAkey', 'authority.key', '-CAcreateserial');

  return {
    rootFile: file('authority.pem'),
    certificateFile: file('leaf.pem'),
    keyFile: file('leaf.key'),
    root: readFileSync(file('authority.pem'), 'utf8'),
  };
}

#!/usr/bin/env node
/**
 * Stands in for the Azure CLI: a tenant in a JSON file, of which it knows what our script asks. Fails on anything else,
 * so that a test sees it. Every call is a line of the log, its arguments as JSON.
 */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';

const { FAKE_AZ_STATE: stateFile, FAKE_AZ_LOG: logFile } = process.env;
const args = process.argv.slice(2);
appendFileSync(logFile, `${JSON.stringify(args)}\n`);
const state = existsSync(stateFile)
  ? JSON.parse(readFileSync(stateFile, 'utf8'))
  : { app: null, sp: null, declared: [], assignments: [], secrets: [] };
const option = (name) => args[args.indexOf(name) + 1];
const has = (...words) => words.every((word, index) => args[index] === word);
const say = (text) => process.stdout.write(text === '' ? '' : `${text}\n`);
const TENANT = 'c0a7050e-0365-4b0c-9a11-5a4db0c5e365';
const EXCHANGE = '00000002-0000-0ff1-ce00-000000000000';
const ROLES = { 'IMAP.AccessAsApp': 'role-imap', 'SMTP.SendAsApp': 'role-smtp' };

function answer() {
  const query = args.includes('--query') ? option('--query') : '';
  const url = args.includes('--url') ? option('--url') : '';
  const method = args.includes('--method') ? option('--method') : '';
  if (has('cloud', 'show')) return say('AzureCloud');
  if (has('account', 'show')) return say(query === 'tenantId' ? (process.env.FAKE_AZ_TENANT ?? TENANT) : '');
  if (has('rest') && url.endsWith('/openid-configuration'))
    return say(`https://login.example/${TENANT}/v2.0`);
  if (has('ad', 'app', 'list')) return say(state.app === null ? '' : 'the-app');
  if (has('ad', 'app', 'create')) {
    state.app = option('--display-name');
    return say('the-app');
  }
  if (has('ad', 'app', 'show')) return say(query === '' ? '' : state.declared.join('\n'));
  if (has('ad', 'app', 'delete')) return void (state.app = null);
  if (has('ad', 'sp', 'list')) return say(state.sp === null ? '' : state.sp);
  if (has('ad', 'sp', 'create')) {
    state.sp = 'the-sp';
    return say('the-sp');
  }
  if (has('ad', 'sp', 'delete')) return void (state.sp = null);
  if (has('ad', 'sp', 'show') && option('--id') === EXCHANGE) {
    const name = /value=='([^']+)'/u.exec(query)?.[1];
    return say(name === undefined ? 'the-exchange' : (ROLES[name] ?? ''));
  }
  if (has('ad', 'app', 'permission', 'add')) {
    return void state.declared.push(option('--api-permissions').split('=')[0]);
  }
  if (has('ad', 'app', 'permission', 'delete')) {
    return void (state.declared = state.declared.filter((id) => id !== option('--api-permissions')));
  }
  if (has('rest') && method === 'GET' && url.endsWith('/the-sp/appRoleAssignments')) {
    const wanted = /appRoleId=='([^']+)'/u.exec(query)?.[1];
    return say(state.assignments.includes(wanted) ? `assignment-${wanted}` : '');
  }
  if (has('rest') && method === 'POST' && url.endsWith('/the-sp/appRoleAssignments')) {
    const { appRoleId, resourceId, principalId } = JSON.parse(option('--body'));
    if (resourceId !== 'the-exchange' || principalId !== 'the-sp') throw new Error('wrong resource');
    state.assignments.push(appRoleId);
    return say(`assignment-${appRoleId}`);
  }
  if (has('rest') && method === 'DELETE') {
    const id = url.split('assignment-')[1];
    return void (state.assignments = state.assignments.filter((one) => one !== id));
  }
  if (has('ad', 'app', 'credential', 'list')) {
    if (process.env.FAKE_AZ_SLOW_KEYS !== undefined) return say('');
    return say(query.includes('keyId') ? state.secrets.join('\n') : (state.secrets[0] ?? ''));
  }
  if (has('ad', 'app', 'credential', 'reset')) {
    state.secrets.push(`key-${state.secrets.length + 1}`);
    return say('S3cret~value');
  }
  if (has('ad', 'app', 'credential', 'delete')) {
    return void (state.secrets = state.secrets.filter((id) => id !== option('--key-id')));
  }
  throw new Error(`fake az does not know: ${args.join(' ')}`);
}

answer();
writeFileSync(stateFile, JSON.stringify(state));

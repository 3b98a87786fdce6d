/** The key file is made once, read only when nobody else can read it, and never lies beside the database. */
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { asFailure, type Failure } from '../../src/errors/index.js';
import { defaultPlaces, keysFromFile, openLocalStore, placeOf } from '../../src/state/index.js';
import { strangersIn } from '../../src/state/windows-rights.js';

let folder: string;
let key: string;
let database: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'm365-email-keys-'));
  key = join(folder, 'config', 'state.key');
  database = join(folder, 'data', 'state.db');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function refusal(act: () => unknown): Failure {
  try {
    act();
  } catch (error) {
    return asFailure(error);
  }
  throw new Error('Nothing was refused.');
}

async function refusalOf(act: Promise<unknown>): Promise<Failure> {
  return act.then(
    () => {
      throw new Error('Nothing was refused.');
    },
    (error: unknown) => asFailure(error),
  );
}

function placeKey(...lines: string[]): void {
  mkdirSync(join(folder, 'config'), { recursive: true });
  writeFileSync(key, lines.join('\n'), { mode: 0o600 });
}

const onPosix = process.platform === 'win32' ? test.skip : test;

describe('A key file', () => {
  test('is made once, with a key of 32 random bytes', () => {
    const [made, ...more] = keysFromFile({ file: key, database });
    expect(made).toHaveLength(32);
    expect(more).toEqual([]);
    expect(keysFromFile({ file: key, database })).toEqual([made]);
    expect(readdirSync(join(folder, 'config'))).toEqual(['state.key']);
  });

  onPosix('can be read by its owner only, and so can its folder', () => {
    keysFromFile({ file: key, database });
    expect(statSync(key).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'config')).mode & 0o777).toBe(0o700);
  });

  onPosix.each([0o640, 0o604, 0o660, 0o644])('with mode %o is refused', (mode) => {
    keysFromFile({ file: key, database });
    chmodSync(key, mode);
    const failure = refusal(() => keysFromFile({ file: key, database }));
    expect(failure.code).toBe('key-file-exposed');
    expect(failure.facts.parameters).toEqual({ file: key });
  });

  test.each(['data', join('data', '..', 'data')])(
    'in the folder of the database is refused: %s',
    (beside) => {
      const file = join(folder, beside, 'state.key');
      expect(refusal(() => keysFromFile({ file, database })).code).toBe('key-file-exposed');
      expect(readdirSync(folder)).toEqual([]);
    },
  );

  onPosix('in the folder of the database is refused when a link hides it', () => {
    mkdirSync(join(folder, 'data'));
    symlinkSync(join(folder, 'data'), join(folder, 'config'));
    expect(refusal(() => keysFromFile({ file: key, database })).code).toBe('key-file-exposed');
  });

  test('is not made anew when there is a database already', () => {
    mkdirSync(join(folder, 'data'));
    writeFileSync(database, 'data');
    const failure = refusal(() => keysFromFile({ file: key, database }));
    expect(failure.code).toBe('state-key-missing');
    expect(failure.facts.parameters).toEqual({ variable: key });
    expect(readdirSync(folder)).toEqual(['data']);
  });

  test('is not made for a database elsewhere, where other machines would lack it', () => {
    expect(refusal(() => keysFromFile({ file: key })).code).toBe('state-key-missing');
  });

  test('holds several keys, the current one first', () => {
    const [one, two] = [randomBytes(32), randomBytes(32)];
    placeKey('# comment', one.toString('base64'), '', two.toString('base64'), '');
    expect(keysFromFile({ file: key, database })).toEqual([one, two]);
  });

  test('that holds something else is refused without showing it', () => {
    placeKey('my secret words');
    const failure = refusal(() => keysFromFile({ file: key, database }));
    expect(failure.code).toBe('state-key-malformed');
    expect(inspect(failure)).not.toContain('secret words');
  });

  test('that was cut to nothing is refused, and not filled', () => {
    placeKey('');
    expect(refusal(() => keysFromFile({ file: key, database })).code).toBe('state-key-missing');
    expect(readFileSync(key, 'utf8')).toBe('');
  });

  test('that is a folder cannot be read', () => {
    mkdirSync(key, { recursive: true, mode: 0o700 });
    chmodSync(key, 0o700);
    const failure = refusal(() => keysFromFile({ file: key, database }));
    expect(failure.code).toBe('state-unavailable');
    expect(failure.facts.parameters).toEqual({ file: key });
  });
});

describe('The local store', () => {
  const environment = {};
  const places = () => ({ key, database });

  test('opens again what it sealed', async () => {
    const first = await openLocalStore({ places: places(), environment });
    const place = placeOf('sign-ins', 'anna');
    await first.state.put('sign-ins', 'anna', first.vault.seal('token', place), { expect: 'any' });
    await first.state.close();
    expect(readFileSync(database).includes('token')).toBe(false);
    const second = await openLocalStore({ places: places(), environment });
    const entry = await second.state.get('sign-ins', 'anna');
    expect(second.vault.open(entry!.value as string, place)).toBe('token');
    await second.state.close();
  });

  test('refuses another key at the start', async () => {
    await (await openLocalStore({ places: places(), environment })).state.close();
    const M365_EMAIL_KEY = randomBytes(32).toString('base64');
    const failure = await refusalOf(openLocalStore({ places: places(), environment: { M365_EMAIL_KEY } }));
    expect(failure.code).toBe('state-key-wrong');
    expect(inspect(failure)).not.toContain(M365_EMAIL_KEY);
  });

  test('refuses to start without the key it was sealed with', async () => {
    await (await openLocalStore({ places: places(), environment })).state.close();
    rmSync(key);
    const failure = await refusalOf(openLocalStore({ places: places(), environment }));
    expect(failure.code).toBe('state-key-missing');
  });

  test('takes the key of the environment, and makes no file then', async () => {
    const M365_EMAIL_KEY = randomBytes(32).toString('base64');
    await (await openLocalStore({ places: places(), environment: { M365_EMAIL_KEY } })).state.close();
    expect(readdirSync(folder)).toEqual(['data']);
  });
});

describe('Default places', () => {
  test.each([
    ['linux', {}, '/home/a/.local/state/m365-email/state.db', '/home/a/.config/m365-email/state.key'],
    [
      'linux',
      { XDG_STATE_HOME: '/s', XDG_CONFIG_HOME: '/c' },
      '/s/m365-email/state.db',
      '/c/m365-email/state.key',
    ],
    [
      'linux',
      { XDG_STATE_HOME: 'relative', XDG_CONFIG_HOME: '' },
      '/home/a/.local/state/m365-email/state.db',
      '/home/a/.config/m365-email/state.key',
    ],
    [
      'darwin',
      { XDG_STATE_HOME: '/s' },
      '/home/a/Library/Application Support/m365-email/data/state.db',
      '/home/a/Library/Application Support/m365-email/config/state.key',
    ],
    [
      'win32',
      { APPDATA: 'C:\\R', LOCALAPPDATA: 'C:\\L' },
      'C:\\L\\m365-email\\state.db',
      'C:\\R\\m365-email\\state.key',
    ],
  ] as const)('%s %j', (platform, environment, expectedDatabase, expectedKey) => {
    expect(defaultPlaces(platform, environment, '/home/a')).toEqual({
      database: expectedDatabase,
      key: expectedKey,
    });
  });
});

describe('Rights on Windows', () => {
  const USER = 'S-1-5-21-1-2-3-1001';
  test.each([
    ['the user alone', `D:PAI(A;;FA;;;${USER})`, []],
    [
      'the user, SYSTEM and administrators',
      `state.key\r\nD:(A;ID;FA;;;SY)(A;ID;FA;;;BA)(A;ID;FA;;;${USER})\r\n`,
      [],
    ],
    ['everyone', `D:AI(A;;FR;;;WD)(A;;FA;;;${USER})`, ['WD']],
    ['users of the machine', `D:AI(A;ID;0x1200a9;;;BU)`, ['BU']],
    ['a colleague', `D:(A;;FA;;;S-1-5-21-1-2-3-1002)`, ['S-1-5-21-1-2-3-1002']],
    ['somebody who is denied', `D:(D;;FA;;;WD)(A;;FA;;;${USER})`, []],
    ['a condition', `D:(XA;;FR;;;WD;(Member_of {SID(BA)}))`, ['WD']],
    ['no list', `O:${USER}G:BA`, ['everyone']],
    ['an empty list with auditing', `D:PS:(AU;SAFA;FA;;;WD)`, []],
    ['a null list', 'D:NO_ACCESS_CONTROL', ['everyone']],
  ])('%s', (_, sddl, strangers) => {
    expect(strangersIn(sddl, USER)).toEqual(strangers);
  });
});

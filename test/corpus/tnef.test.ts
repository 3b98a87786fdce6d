/**
 * The TNEF files of MimeKit against what another program took out of them: every file by name and by its bytes. What
 * differs is listed one by one with the reason.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readTnef, tnefBody, tnefFiles, type TnefMessage } from '../../src/mail/content/tnef.js';
import { badStrings } from '../mail/content/support/hostile.js';
import { corpora } from './support/corpora.js';
import { sha256 } from './support/messages.js';
import { EVERYTHING, recordOf } from './support/records.js';

const FOLDER = join(corpora ?? '', 'mimekit', 'tnef');

/** How many files are there in all, so that none is forgotten. */
const EXTRACTED = 49;

type Reason =
  /** The corpus was stored with LF; the TNEF file itself has CRLF. */
  | 'line-ends'
  /** Our bytes begin behind the 16 bytes of the interface id, which is not part of the object (MS-OXTNEF 2.1.3.4). */
  | 'interface-id'
  /** A message of Outlook's own: opened, not handed out as a file. */
  | 'embedded-message'
  /** Outlook's note beside such a message: "not supported by this mail system". */
  | 'placeholder';

const DIFFERENT: Readonly<Record<string, Reason>> = {
  'MAPI_ATTACH_DATA_OBJ/VIA_Nytt_14021.htm': 'line-ends',
  'MAPI_OBJECT/Untitled_Attachment': 'interface-id',
  'attachments/bookmark.htm': 'line-ends',
  'body/message.html': 'line-ends',
  'christmas/Untitled Attachment.1': 'placeholder',
  'christmas/Untitled Attachment.2': 'embedded-message',
  'christmas/Untitled Attachment.3': 'placeholder',
  'christmas/Untitled Attachment.4': 'embedded-message',
  'data-before-name/boot.ini': 'line-ends',
  'long-filename/allproductsmar2000.dat': 'line-ends',
  'long-filename/message.rtf': 'line-ends',
  'missing-filenames/message.rtf': 'line-ends',
  'multi-value-attribute/message.rtf': 'line-ends',
  'panic/message.html': 'line-ends',
  'triples/message.txt': 'line-ends',
  'unicode-mapi-attr-name/message.html': 'line-ends',
  'unicode-mapi-attr-name/spaconsole2.cfg': 'line-ends',
  'unicode-mapi-attr/message.html': 'line-ends',
  'winmail/Untitled Attachment.1': 'interface-id',
  'winmail/Untitled Attachment.2': 'interface-id',
};

const withLineFeeds = (bytes: Buffer): string => bytes.toString('latin1').replaceAll('\r\n', '\n');

/** A message that came with this winmail.dat and nothing else. */
function wrapped(tnef: Buffer): Buffer {
  const head = 'Subject: x\r\nContent-Type: application/ms-tnef; name=winmail.dat\r\n';
  return Buffer.from(`${head}Content-Transfer-Encoding: base64\r\n\r\n${tnef.toString('base64')}\r\n`);
}

/** Without the number that the extracting program puts behind equal names. */
const plainName = (file: string): string => file.replace(/^(Untitled Attachment)\.\d$/u, '$1');

/** What of the message could be this extracted file: by name, or the body of its kind. */
function candidates(message: TnefMessage, file: string): Buffer[] {
  if (file === 'message.rtf') return message.rtf === null ? [] : [message.rtf];
  // All bodies of the corpus are in a character set that has one byte for each character, or in US-ASCII.
  if (file === 'message.html')
    return [Buffer.from(message.html ?? ''), Buffer.from(message.html ?? '', 'latin1')];
  if (file === 'message.txt') return [Buffer.from(message.text ?? '')];
  return tnefFiles(message)
    .filter((one) => one.name === plainName(file))
    .map((one) => one.bytes);
}

function agrees(message: TnefMessage, file: string, expected: Buffer, reason: Reason | undefined): boolean {
  const ours = candidates(message, file);
  switch (reason) {
    case undefined:
      return ours.some((bytes) => bytes.equals(expected));
    case 'line-ends':
      return ours.some(
        (bytes) => !bytes.equals(expected) && withLineFeeds(bytes) === withLineFeeds(expected),
      );
    case 'interface-id':
      return ours.some((bytes) => bytes.equals(expected.subarray(16)));
    case 'embedded-message': {
      const alone = JSON.stringify(readTnef(expected).message);
      return message.messages.some((inner) => JSON.stringify(inner) === alone);
    }
    case 'placeholder':
      if (ours.some((bytes) => bytes.equals(expected))) return false;
      return expected.toString().startsWith('This attachment is a MAPI 1.0 embedded message');
  }
}

(corpora === undefined ? describe.skip : describe)('TNEF corpus', () => {
  const names = corpora === undefined ? [] : readdirSync(FOLDER).filter((name) => name.endsWith('.tnef'));
  const stems = names.map((name) => name.slice(0, -'.tnef'.length));
  const extracted = (stem: string): string[] => {
    try {
      return readdirSync(join(FOLDER, stem));
    } catch {
      return []; // Nothing was in it.
    }
  };

  test('all of it is looked at', () => {
    expect(stems).toHaveLength(19);
    expect(stems.flatMap(extracted)).toHaveLength(EXTRACTED);
    expect(
      Object.keys(DIFFERENT).filter(
        (path) => !stems.flatMap((stem) => extracted(stem).map((file) => `${stem}/${file}`)).includes(path),
      ),
    ).toEqual([]);
  });

  test.each(stems)('%s', async (stem) => {
    const tnef = readFileSync(join(FOLDER, `${stem}.tnef`));
    const { message, warnings } = readTnef(tnef);
    const missing = extracted(stem).filter(
      (file) => !agrees(message!, file, readFileSync(join(FOLDER, stem, file)), DIFFERENT[`${stem}/${file}`]),
    );
    expect(missing).toEqual([]);
    expect(badStrings([message, warnings])).toEqual([]);
    // The names that the list has are ours too; it calls bodies after their kind.
    const listed = readFileSync(join(FOLDER, `${stem}.list`), 'latin1').split(/\r?\n/u);
    const ours = new Set(tnefFiles(message!).map((file) => file.name));
    const unknown = listed.filter(
      (name) =>
        name !== '' &&
        !name.startsWith('body.') &&
        !ours.has(name) &&
        DIFFERENT[`${stem}/${name}.1`] !== 'placeholder',
    );
    expect(unknown).toEqual([]);
    // What is in winmail.dat is in the record of the message that it came with.
    const record = await recordOf(wrapped(tnef), { inlineContentLimit: EVERYTHING.inlineContentLimit });
    expect(record.attachments.map((one) => one.sha256)).toEqual(
      tnefFiles(message!).map((file) => sha256(file.bytes)),
    );
    const { text, html } = tnefBody(message!);
    expect(record).toMatchObject({ text, html });
    // Nobody gets a message without its text because Outlook wrote it as RTF.
    if (message!.rtf !== null) expect(text ?? html).not.toBeNull();
    expect(warnings.filter(({ code }) => code !== 'tnef-garbage')).toEqual([]);
  });
});

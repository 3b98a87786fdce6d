/** What an author wrote is found without the quoted rest; where that is not sure, everything stays. */
import { describe, expect, test } from '@jest/globals';
import { uniqueText } from '../../../src/mail/content/unique-body.js';
import { uniqueHtml } from '../../../src/mail/content/unique-html.js';
import { badStrings, shuffled } from './support/hostile.js';

const text = (...lines: string[]): string => lines.join('\n');

describe('text: the quoted rest goes', () => {
  test.each([
    ['attribution', text('Yes.', '', 'On Mon, 2 Nov 2026 at 09:30, Anna <anna@contoso.example> wrote:', '', '> Can you?', '>', '> Anna')],
    ['attribution', text('Yes.', '', 'On Mon, 2 Nov 2026 at 09:30, Anna Long-Name', '<anna@contoso.example> wrote:', '> Can you?')],
    ['attribution', text('Yes.', '', 'Am 02.11.2026 um 09:30 schrieb Anna <anna@contoso.example>:', '> Geht das?')],
    ['attribution', text('Yes.', '', 'Anna schrieb am 02.11.2026 um 09:30:', '> Geht das?')],
    ['attribution', text('Yes.', '', 'El lun, 2 nov 2026 a las 9:30, Anna (<anna@contoso.example>) escribió:', '', '> ¿Puedes?')],
    ['attribution', text('Yes.', '', 'Le lun. 2 nov. 2026 à 09:30, Anna <anna@contoso.example> a écrit :', '> Oui ?')],
    ['attribution', text('Yes.', '', 'On 2 Nov 2026, Anna wrote:', '')],
    ['separator', text('Yes.', '', '-----Original Message-----', 'From: Anna', 'Can you?')],
    ['separator', text('Yes.', '', '-----Ursprüngliche Nachricht-----', 'Von: Anna', 'Geht das?')],
    ['separator', text('Yes.', '', '-----Mensaje original-----', 'De: Anna', '¿Puedes?')],
    ['separator', text('Yes.', '', '---------- Forwarded message ---------', 'From: Anna', 'Look')],
    ['header-block', text('Yes.', '', '________________________________', 'From: Anna <a@b.example>', 'Sent: Monday, 2 November 2026 09:30', 'To: Ben', 'Subject: x', '', 'Can you?')],
    ['header-block', text('Yes.', '', 'Von: Anna', 'Gesendet: Montag, 2. November 2026 09:30', 'An: Ben', 'Cc: Carl', 'Betreff: x', '', 'Geht das?')],
    ['header-block', text('Yes.', '', '*De:* Anna', '*Enviado el:* lunes, 2 de noviembre de 2026 9:30', '*Para:* Ben', '*Asunto:* x', '', '¿Puedes?')],
    ['quote', text('Yes.', '', '> Can you?', '> Anna', '')],
  ])('by %s: %j', (mark, whole) => {
    expect(uniqueText(whole)).toEqual({ body: 'Yes.', removed: mark });
  }); // prettier-ignore

  test('with the line ends of mail', () => {
    expect(uniqueText('Yes.\r\n\r\n> Can you?\r\n')).toEqual({ body: 'Yes.', removed: 'quote' });
  });
});

describe('text: everything stays', () => {
  test.each([
    ['no quote', text('Hello', 'On Monday Anna wrote: see you at 5', 'Bye')],
    ['a sentence that looks like an attribution', text('On 2 Nov Anna wrote:', 'the text of her poem.')],
    ['a list of labels', text('From: Berlin', 'To: Rome', 'by train')],
    ['dashes', text('-- ', 'Anna', '-----', 'x')],
  ])('%s', (_why, whole) => {
    expect(uniqueText(whole)).toEqual({ body: whole, removed: null });
  });

  test('answers between the quotes', () => {
    const whole = text('> one?', 'yes', '> two?', 'no');
    expect(uniqueText(`Hi\n${whole}`)).toEqual({
      body: `Hi\n${whole}`,
      removed: null,
      unsure: 'text-after-quote',
    });
  });

  test('a bare forward', () => {
    const whole = text('', '-----Original Message-----', 'From: Anna', 'Look');
    expect(uniqueText(whole)).toEqual({ body: whole, removed: null, unsure: 'nothing-before-quote' });
  });
});

test('the signature goes on demand only', () => {
  const whole = text('Yes.', '-- ', 'Ben', '', '> Can you?');
  expect(uniqueText(whole).body).toBe(text('Yes.', '-- ', 'Ben'));
  expect(uniqueText(whole, { signature: 'remove' }).body).toBe('Yes.');
});

describe('HTML: the quoted rest goes', () => {
  test.each([
    ['quote', '<div dir="ltr">Yes.</div><br><div class="gmail_quote gmail_quote_container"><div class="gmail_attr">On Mon, Anna wrote:<br></div><blockquote class="gmail_quote">Can you?</blockquote></div>', '<div dir="ltr">Yes.</div><br>'],
    ['attribution', '<html><body><div>Yes.</div><div><br><div>On 2 Nov 2026, at 09:30, Anna &lt;a@b.example&gt; wrote:</div><br><blockquote type="cite"><div>Can you?</div></blockquote></div></body></html>', '<html><body><div>Yes.</div><div><br></div></body></html>'],
    ['header-block', '<html><body><div>Yes.</div><div id="appendonsend"></div><hr style="width:98%"><div id="divRplyFwdMsg"><b>From:</b> Anna<br><b>Sent:</b> x</div><div>Can you?</div></body></html>', '<html><body><div>Yes.</div></body></html>'],
    ['header-block', '<div class=WordSection1><p>Yes.</p><div><div style=\'border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm\'><p><b>Von:</b> Anna<br><b>Gesendet:</b> Montag<br><b>An:</b> Ben</p></div></div><p>Geht das?</p></div>', '<div class=WordSection1><p>Yes.</p><div></div></div>'],
    ['attribution', '<p>Yes.</p><div class="moz-cite-prefix">Am 02.11.26 um 09:30 schrieb Anna:<br></div><blockquote type="cite">Geht das?</blockquote>', '<p>Yes.</p>'],
    ['quote', '<div>Yes.</div><div class="yahoo_quoted" id="x">On Monday…</div>', '<div>Yes.</div>'],
  ])('by %s: %s', (mark, html, body) => {
    expect(uniqueHtml(html)).toEqual({ body, removed: mark });
  }); // prettier-ignore
});

describe('HTML: everything stays', () => {
  test.each([
    ['a blockquote of the author', '<p>As he said:</p><blockquote>Never</blockquote>', undefined],
    ['a line of the author', '<p>One</p><hr><p>Two</p>', undefined],
    ['a border', '<p>One</p><div style="border-top:solid 1px">Two</div>', undefined],
    ['text after the quote', '<p>Hi</p><blockquote type="cite">Can you?</blockquote><p>Yes.</p>', 'text-after-quote'],
    ['nothing before it', '<div><br>&nbsp;</div><div id="divRplyFwdMsg"><b>From:</b> A</div>x', 'nothing-before-quote'],
  ])('%s', (_why, html, unsure) => {
    expect(uniqueHtml(html)).toEqual({ body: html, removed: null, ...(unsure === undefined ? {} : { unsure }) });
  }); // prettier-ignore
});

describe('hostile', () => {
  // Each takes hours where the rest is searched again for every line or tag.
  test.each([
    'On 1 x wrote:\n\n',
    'From: a\n',
    '-----\n',
    '\n',
    '_____\n\n',
    'a:',
    `On ${'x'.repeat(400)}\n`,
    '>',
  ])('many lines %j', (line) => {
    const whole = line.repeat(2_000_000 / line.length);
    expect(uniqueText(whole).body.length).toBeLessThanOrEqual(whole.length);
  });

  test.each([
    '<div>',
    '<div style="border-top:solid">From: x<br>',
    '<blockquote type=cite>',
    '<div>On 1 x wrote:</div>',
    '<hr>x',
    '</div>',
  ])('many tags %j', (tag) => {
    const whole = tag.repeat(2_000_000 / tag.length);
    expect(uniqueHtml(`x${whole}`).body.length).toBeLessThan(2 * whole.length);
  });

  test('more than 2,000,000 characters stay as they are', () => {
    const whole = `x\n> ${'y'.repeat(2_000_000)}`;
    expect(uniqueText(whole)).toMatchObject({ removed: null, unsure: 'too-long' });
    expect(uniqueHtml(whole)).toMatchObject({ removed: null, unsure: 'too-long' });
  });

  test('any sequence of pieces gives clean text, all of it from the message', () => {
    const pieces = ['On 1 Jan x wrote:', '\n', '> q', '-----Original Message-----', 'From: x', 'Sent: y', 'To: z', ' ',
      '\u0000', '\ud800', '<div id=divRplyFwdMsg>', '<hr>', '<blockquote type=cite>', '</blockquote>', '</div>', '<!--',
      '<div class="gmail_quote">', '<p style="border-top:solid">', 'text']; // prettier-ignore
    for (const whole of shuffled(pieces, 2000, 25)) {
      const plain = uniqueText(whole);
      expect(badStrings([plain, uniqueHtml(whole)])).toEqual([]);
      if (plain.removed === null) expect(plain.body).toBe(whole.replaceAll('\u0000', '').toWellFormed());
    }
  });
});

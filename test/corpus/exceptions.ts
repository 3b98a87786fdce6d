/**
 * Where our reading of a foreign message is not the stored one, and why. An entry that no longer applies fails the tests.
 * `python`: what Python's email package makes of it – the same leaves as we, or others (it takes
 * line breaks off a text that has lost its boundary, and off the end of some parts).
 */
export interface GoldenException {
  readonly reason: string;
  /** Parts of the stored leaves that are not among ours; undefined: all are, and we have more. */
  readonly missing?: readonly string[] | undefined;
  readonly python: 'as we' | 'otherwise';
}

const NO_BLANK_LINE =
  'the header ends without a blank line; the golden file loses the text up to the next one, ours keeps it';
const BLANK_WITH_SPACE =
  'the line between header and body holds a space; the golden file loses the text up to the next one, ours keeps it';
const NO_BOUNDARY =
  'the boundary never comes; the golden file has no leaf for the text, ours delivers it with a warning';
const TRAILING_BLANKS =
  'blanks at the end of a boundary do not count (RFC 2046 section 5.1.1), so the line without them is the boundary too';
const BARE_LF =
  'the file has bare LF; mime4j writes CRLF for the line ends of quoted-printable, ours leaves them as they are';
const EMPTY_PARTS = 'a boundary right behind a boundary; mime4j counts an empty part more';
const CUT_GROUP =
  'the last group of the base64 has three characters and no padding; mime4j drops its two bytes, ours keeps them';

/** Messages of mime4j whose decoded leaves are not those stored beside them. */
export const MIME4J: Readonly<Record<string, GoldenException>> = {
  'mime4j/testmsgs/basic-plain-with-bad-header-separator.msg': {
    reason: BLANK_WITH_SPACE,
    missing: ['1'],
    python: 'as we',
  },
  'mime4j/testmsgs/ending-boundaries.msg': {
    reason:
      'mime4j takes a boundary with text behind it for a boundary; ours must fill its line, so that one may begin like another',
    missing: ['1.1'],
    python: 'otherwise',
  },
  'mime4j/testmsgs/malformedHeader-nocrlfcrlf.msg': {
    reason: NO_BLANK_LINE,
    missing: ['1'],
    python: 'as we',
  },
  'mime4j/testmsgs/malformedHeader-noheader.msg': { reason: NO_BLANK_LINE, missing: ['1'], python: 'as we' },
  'mime4j/testmsgs/malformedHeaderStartsBody-nocrlfcrlf.msg': {
    reason: NO_BLANK_LINE,
    missing: ['1'],
    python: 'as we',
  },
  'mime4j/testmsgs/malformedHeaderStartsBody-noheader.msg': {
    reason: NO_BLANK_LINE,
    missing: ['1'],
    python: 'as we',
  },
  'mime4j/testmsgs/missing-boundary.msg': { reason: NO_BOUNDARY, python: 'as we' },
  'mime4j/testmsgs/missing-inner-boundary.msg': {
    reason: NO_BOUNDARY,
    missing: ['1.2.1'],
    python: 'otherwise',
  },
  'mime4j/testmsgs/missing-inner-start-boundary.msg': { reason: NO_BOUNDARY, python: 'otherwise' },
  'mime4j/testmsgs/multipartnopart.msg': { reason: NO_BOUNDARY, python: 'otherwise' },
  'mime4j/testmsgs/multipartemptypart.msg': { reason: EMPTY_PARTS, missing: ['1.2'], python: 'otherwise' },
  'mime4j/testmsgs/multipartnestedemptyparts.msg': { reason: EMPTY_PARTS, missing: ['1.1'], python: 'as we' },
  'mime4j/testmsgs/very-long-boundary.msg': { reason: TRAILING_BLANKS, missing: ['1.1'], python: 'as we' },
  'mime4j/testmsgs/very-very-long-boundary.msg': {
    reason: TRAILING_BLANKS,
    missing: ['1.1'],
    python: 'as we',
  },
  'mime4j/testmsgs/weird-boundary.msg': { reason: TRAILING_BLANKS, missing: ['1.1'], python: 'as we' },
  'mime4j/mimetools-testmsgs/badbound.msg': { reason: NO_BOUNDARY, python: 'as we' },
  'mime4j/mimetools-testmsgs/empty-preamble.msg': { reason: BARE_LF, missing: ['1.1'], python: 'as we' },
  'mime4j/mimetools-testmsgs/german-qp.msg': { reason: BARE_LF, missing: ['1'], python: 'as we' },
  'mime4j/mimetools-testmsgs/jt-0498.msg': { reason: BARE_LF, missing: ['1.2.1'], python: 'otherwise' },
  'mime4j/mimetools-testmsgs/mp-msg-rfc822.msg': { reason: BARE_LF, missing: ['1.2.1'], python: 'as we' },
  'mime4j/mimetools-testmsgs/frag.msg': { reason: CUT_GROUP, missing: ['1.2.1.2.1.2.1.2'], python: 'as we' },
  'mime4j/mimetools-testmsgs/multi-frag.msg': { reason: CUT_GROUP, missing: ['1.3.2'], python: 'as we' },
  'mime4j/mimetools-testmsgs/hdr-fakeout.msg': { reason: BLANK_WITH_SPACE, missing: ['1'], python: 'as we' },
};

/**
 * Foreign messages that mailparser reads otherwise than we do, by the class of the difference. An entry that no longer
 * applies fails the tests.
 */
export const DIFFERENCES: Readonly<Record<string, readonly string[]>> = {
  'a message that came along is an attachment; mailparser puts its texts into those of the message around it':
    [
      'mime4j/mimetools-testmsgs/ak-0696.msg',
      'mime4j/mimetools-testmsgs/frag.msg',
      'mime4j/mimetools-testmsgs/jt-0498.msg',
      'mime4j/mimetools-testmsgs/mp-msg-rfc822.msg',
      'mime4j/mimetools-testmsgs/multi-digest.msg',
      'mime4j/mimetools-testmsgs/multi-frag.msg',
      'mime4j/mimetools-testmsgs/re-fwd.msg',
      'mime4j/testmsgs/multipartdigestnestedemptyparts.msg',
      'mimekit/messages/feedback-report.txt',
      'mimekit/messages/rfc2060.txt',
    ],
  'a delivery report is an attachment; mailparser puts it into the text': [
    'mimekit/messages/bounce.txt',
    'mimekit/messages/delivery-status-multiple-blank-lines.txt',
    'mimekit/messages/delivery-status-no-blank-line.txt',
    'mimekit/messages/delivery-status.anonymized.eml',
    'mimekit/messages/delivery-status.txt',
    'mimekit/messages/delivery-status2.txt',
    'ruby-mail/emails/mime_emails/raw_email_with_mimepart_without_content_type.eml',
    'ruby-mail/emails/multipart_report_emails/multi_address_bounce1.eml',
    'ruby-mail/emails/multipart_report_emails/multi_address_bounce2.eml',
    'ruby-mail/emails/multipart_report_emails/multipart_report_multiple_status.eml',
    'ruby-mail/emails/multipart_report_emails/report_422.eml',
    'ruby-mail/emails/multipart_report_emails/report_530.eml',
  ],
  'text with a file name is a file; mailparser puts it into the text': [
    'mime4j/mimetools-testmsgs/double-semicolon.msg',
    'mime4j/mimetools-testmsgs/double-semicolon2.msg',
    'mime4j/mimetools-testmsgs/lennie.msg',
    'mime4j/mimetools-testmsgs/multi-badnames.msg',
    'mime4j/mimetools-testmsgs/multi-igor.msg',
    'mime4j/mimetools-testmsgs/multi-igor2.msg',
  ],
  'uuencoded files are taken out of the text; mailparser leaves them in': [
    'mime4j/mimetools-testmsgs/sig-uu.msg',
    'mime4j/mimetools-testmsgs/uu-junk.msg',
    'mime4j/mimetools-testmsgs/uu-zeegee.msg',
  ],
  'the header ends without a proper blank line; mailparser loses the text up to the next one': [
    'mime4j/mimetools-testmsgs/hdr-fakeout.msg',
    'mime4j/testmsgs/basic-plain-with-bad-header-separator.msg',
    'mime4j/testmsgs/malformedHeader-nocrlfcrlf.msg',
    'mime4j/testmsgs/malformedHeader-noheader.msg',
    'mime4j/testmsgs/malformedHeaderStartsBody-nocrlfcrlf.msg',
    'mime4j/testmsgs/malformedHeaderStartsBody-noheader.msg',
  ],
  'the boundary never comes, or not as declared; mailparser loses the text': [
    'mime4j/mimetools-testmsgs/badbound.msg',
    'mime4j/testmsgs/ending-boundaries.msg',
    'mime4j/testmsgs/missing-boundary.msg',
    'mime4j/testmsgs/missing-inner-boundary.msg',
    'mime4j/testmsgs/missing-inner-start-boundary.msg',
    'mime4j/testmsgs/multipartnopart.msg',
  ],
  'blanks around a boundary do not count (RFC 2046 section 5.1.1); for mailparser they do': [
    'mime4j/mimetools-testmsgs/multi-weirdspace.msg',
    'mime4j/testmsgs/intermediate-boundaries.msg',
    'mime4j/testmsgs/very-long-boundary.msg',
    'mime4j/testmsgs/very-very-long-boundary.msg',
    'mime4j/testmsgs/weird-boundary.msg',
  ],
  'UTF-8 that is declared ISO 8859-1 is read as UTF-8, and said to be; mailparser shows two characters for one':
    [
      'ruby-mail/emails/attachment_emails/attachment_pdf_non_ascii.eml',
      'ruby-mail/emails/attachment_emails/attachment_pdf_non_ascii_lf.eml',
      'ruby-mail/emails/error_emails/content_transfer_encoding_7-bit.eml',
    ],
  'bytes that are not of the declared charset, or of none declared: shown otherwise, and said to be by us': [
    'mime4j/mimetools-testmsgs/infinite.msg',
    'ruby-mail/emails/error_emails/content_transfer_encoding_empty.eml',
  ],
  'an unknown disposition rules no text out; for mailparser the part is an attachment': [
    'ruby-mail/emails/error_emails/multiple_invalid_content_dispositions.eml',
  ],
};

/**
 * A message as Python's email package reads it: a parser that shares nothing with ours. Owns: asking it. Must not: judge.
 */
import { execFileSync } from 'node:child_process';

export interface PythonPart {
  readonly type: string;
  /** Names of its header fields in lower case. */
  readonly fields: readonly string[];
  readonly disposition: string | null;
  readonly name: string | null;
  /** With its angle brackets. */
  readonly cid: string | null;
  readonly method: string | null;
  readonly isContainer: boolean;
  readonly size: number;
  readonly sha256: string;
  /** Of bodies, in the charset that they state. */
  readonly text: string | null;
}

export interface PythonMessage {
  /** Name in lower case and value, decoded, in order. */
  readonly headers: readonly (readonly [string, string])[];
  readonly addresses: Readonly<Record<string, readonly (readonly [string, string])[]>>;
  readonly parts: readonly PythonPart[];
  /** What the parser holds against the message or one of its parts. */
  readonly defects: readonly string[];
  readonly longestLine: number;
  /** A CR without LF, or an LF without CR. */
  readonly loneLineEnds: number;
  /** Of the header: bytes that are not ASCII. */
  readonly eightBit: number;
}

/**
 * Two habits of the package are worked around, both against RFC 5322 and 2047: it keeps the blank of a fold right behind the
 * name of a field, and puts a blank between the encoded words of a display name, which its older functions do not.
 */
const SCRIPT = `
import sys, json, email, email.header, email.policy, email.utils, hashlib, re, base64
def judged(raw):
    head = re.split(rb'\\r?\\n\\r?\\n', raw, maxsplit=1)[0]
    unfolded = re.sub(rb'(?m)^([!-9;-~]+:)[ \\t]*\\r?\\n[ \\t]+', rb'\\1 ', head)
    m = email.message_from_bytes(unfolded + raw[len(head):], policy=email.policy.default)
    isInternational = any(c > 127 for c in head)
    old = email.message_from_string(raw.decode('utf-8')) if isInternational else email.message_from_bytes(raw)
    parts, defects = [], []
    def file_name(p):
        # get_filename() strips blanks and angle brackets
        name = p.get_param('filename', None, 'content-disposition', unquote=False)
        if isinstance(name, str) and name.startswith('"'):
            return re.sub(r'\\\\(.)', r'\\1', name[1:-1])
        return name if name is None else email.utils.collapse_rfc2231_value(name)
    for p in m.walk():
        b = b'' if p.is_multipart() else p.get_payload(decode=True) or b''
        text = None
        if p.get_content_maintype() == 'text' and p.get_content_disposition() is None:
            text = b.decode(p.get_content_charset('ascii'))
        if p.get_content_type() == 'message/rfc822':
            b = re.split(rb'\\r\\n\\r\\n', p.as_bytes(policy=email.policy.SMTP), maxsplit=1)[1]
        defects += [repr(d) for d in p.defects]
        for n, v in p.items():
            # A file's name is there a second time, for programs that know no RFC 2231.
            if n.lower() == 'content-type' and p.get_filename():
                continue
            # RFC 6532, which the package reads and complains of
            if isInternational and n.lower() in ('from', 'to', 'cc'):
                continue
            defects += [n + ': ' + repr(d) for d in getattr(v, 'defects', ())]
        parts.append(dict(type=p.get_content_type(), disposition=p.get_content_disposition(), name=file_name(p),
            fields=[n.lower() for n in p.keys()], cid=p['content-id'], method=p.get_param('method'), isContainer=p.is_multipart(), size=len(b),
            sha256=hashlib.sha256(b).hexdigest(), text=text))
    def decoded(name):
        return str(email.header.make_header(email.header.decode_header(name)))
    addresses = {n: [[decoded(name), address] for name, address in
            email.utils.getaddresses([re.sub(r'\\r?\\n', '', str(v)) for v in old.get_all(n)])]
        for n in ('from', 'sender', 'to', 'cc', 'bcc', 'reply-to') if old[n]}
    return dict(headers=[[k.lower(), str(v)] for k, v in m.items()], parts=parts, addresses=addresses,
        defects=defects, longestLine=max(len(l) for l in re.split(rb'\\r\\n|\\n', raw)),
        loneLineEnds=len(re.findall(rb'\\r(?!\\n)|(?<!\\r)\\n', raw)), eightBit=sum(1 for c in head if c > 127))
print(json.dumps([judged(base64.b64decode(one)) for one in json.load(sys.stdin)]))
`;

export function readByPython(sources: readonly Buffer[]): PythonMessage[] {
  const input = JSON.stringify(sources.map((source) => source.toString('base64')));
  const answer = execFileSync('python3', ['-c', SCRIPT], { input, maxBuffer: 256 * 1024 * 1024 });
  return JSON.parse(answer.toString()) as PythonMessage[];
}

/** The values of all fields of that name. */
export function valuesOf({ headers }: PythonMessage, name: string): string[] {
  return headers.filter(([key]) => key === name).map(([, value]) => value);
}

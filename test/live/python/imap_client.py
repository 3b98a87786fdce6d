"""imaplib as a foreign client: signs in, lists, reads every message of a folder, then changes the folder step by step.
Prints what it saw; the test compares that with what the server really holds."""

import base64
import hashlib
import imaplib
import re

from connect import answer, loopback, read_case, tls_context, xoauth2

SERVER_NAME = "outlook.office365.com"


class Client(imaplib.IMAP4_SSL):
    def __init__(self, case):
        self.case = case
        super().__init__(SERVER_NAME, 993, ssl_context=tls_context(case))

    def _create_socket(self, timeout):
        return self.ssl_context.wrap_socket(loopback(self.case), server_hostname=SERVER_NAME)

    def sign_in(self):
        response = xoauth2(self.case).encode()
        if not self.case["initialResponse"]:
            return self.authenticate("XOAUTH2", lambda _challenge: response)
        # imaplib itself never sends an initial response; the command it is built on can.
        kind, data = self._simple_command("AUTHENTICATE", "XOAUTH2", base64.b64encode(response).decode())
        if kind != "OK":
            raise self.error(data[-1].decode())
        self.state = "AUTH"
        return kind, data


def quoted(name):
    return '"%s"' % name


def ok(result):
    kind, data = result
    if kind != "OK":
        raise RuntimeError("%s %r" % (kind, data))
    return data


def numbers(result):
    return [int(number) for number in (ok(result)[0] or b"").split()]


def whole_messages(client, uids):
    """UID, flags, length and digest of each message, from one FETCH."""
    data = ok(client.uid("FETCH", ",".join(map(str, uids)), "(UID FLAGS BODY.PEEK[])"))
    seen = []
    for index, item in enumerate(data):
        if not isinstance(item, tuple):
            continue
        following = data[index + 1] if index + 1 < len(data) and isinstance(data[index + 1], bytes) else b""
        words = item[0] + following
        seen.append(
            {
                "uid": int(re.search(rb"UID (\d+)", words).group(1)),
                "flags": sorted(flag.decode() for flag in imaplib.ParseFlags(words)),
                "length": len(item[1]),
                "sha256": hashlib.sha256(item[1]).hexdigest(),
            }
        )
    return seen


def main():
    case = read_case()
    folder, other = case["folder"], case["otherFolder"]
    client = Client(case)
    client.sign_in()
    result = {"folders": [re.search(rb'"/" "?(.*?)"?$', line).group(1).decode() for line in ok(client.list())]}

    result["exists"] = int(ok(client.select(quoted(folder)))[0])
    uids = numbers(client.uid("SEARCH", "ALL"))
    result["messages"] = whole_messages(client, uids)
    result["unseen"] = numbers(client.uid("SEARCH", "UNSEEN"))
    result["bySubject"] = numbers(client.uid("SEARCH", "SUBJECT", quoted("second")))
    result["larger"] = numbers(client.uid("SEARCH", "LARGER", "100000"))

    first, second, third = uids[:3]
    ok(client.uid("STORE", str(first), "+FLAGS", r"(\Seen \Flagged)"))
    ok(client.uid("STORE", str(second), "-FLAGS.SILENT", r"(\Seen)"))
    appended = base64.b64decode(case["append"])
    date = '"05-Jun-2024 07:08:09 +0200"'
    ok(client.append(quoted(folder), r"(\Seen \Answered)", date, appended))
    ok(client.uid("COPY", str(second), quoted(other)))
    ok(client.uid("STORE", str(third), "+FLAGS", r"(\Deleted)"))
    result["expunged"] = numbers(client.expunge())
    ok(client.noop())
    result["after"] = whole_messages(client, numbers(client.uid("SEARCH", "ALL")))
    client.close()
    client.logout()
    answer(result)


main()

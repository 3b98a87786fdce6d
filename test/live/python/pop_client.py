"""poplib as a foreign client: signs in with XOAUTH2 in two lines, reads every message, deletes one, and looks again.
Prints what it saw; the test compares that with what the server really holds."""

import base64
import hashlib
import poplib

from connect import answer, loopback, read_case, tls_context, xoauth2

SERVER_NAME = "outlook.office365.com"


class Client(poplib.POP3_SSL):
    def __init__(self, case):
        self.case = case
        super().__init__(SERVER_NAME, 995, context=tls_context(case))

    def _create_socket(self, timeout):
        return self.context.wrap_socket(loopback(self.case), server_hostname=SERVER_NAME)

    def sign_in(self):
        # poplib knows no SASL; the commands it is built on can do it.
        challenge = self._shortcmd("AUTH XOAUTH2")
        if challenge.rstrip() != b"+":
            raise RuntimeError(repr(challenge))
        return self._shortcmd(base64.b64encode(xoauth2(self.case).encode()).decode())


def whole(lines):
    return b"".join(line + b"\r\n" for line in lines)


def listed(response):
    return dict(line.decode().split(" ", 1) for line in response[1])


def look(client):
    client.sign_in()
    sizes, ids = listed(client.list()), listed(client.uidl())
    seen = []
    for number, uidl in ids.items():
        message = whole(client.retr(int(number))[1])
        seen.append(
            {
                "uidl": uidl,
                "stated": int(sizes[number]),
                "length": len(message),
                "sha256": hashlib.sha256(message).hexdigest(),
                "header": hashlib.sha256(whole(client.top(int(number), 0)[1])).hexdigest(),
            }
        )
    return seen


def main():
    case = read_case()
    client = Client(case)
    result = {"capabilities": sorted(client.capa()), "before": look(client), "stat": list(client.stat())}
    doomed = [index for index, message in enumerate(result["before"]) if message["sha256"] == case["doomed"]]
    client.dele(doomed[0] + 1)
    client.quit()
    client = Client(case)
    result["after"] = look(client)
    client.quit()
    answer(result)


main()

"""smtplib as a foreign client: STARTTLS, AUTH XOAUTH2, and one message as the bytes it was given."""

import base64
import smtplib

from connect import answer, loopback, read_case, tls_context, xoauth2


class Client(smtplib.SMTP):
    def __init__(self, case):
        self.case = case
        super().__init__("smtp.office365.com", 587, timeout=20)

    def _get_socket(self, host, port, timeout):
        return loopback(self.case, timeout)


def main():
    case = read_case()
    client = Client(case)
    client.ehlo("foreign.example")
    before_tls = sorted(client.esmtp_features)
    client.starttls(context=tls_context(case))
    client.ehlo("foreign.example")
    mechanisms = client.esmtp_features["auth"].split()
    # smtplib passes None before the first challenge when an initial response is allowed.
    code, _ = client.auth("XOAUTH2", lambda _challenge=None: xoauth2(case), initial_response_ok=case["initialResponse"])
    refused = client.sendmail(
        case["user"], case["recipients"], base64.b64decode(case["message"]), mail_options=["BODY=8BITMIME"]
    )
    client.quit()
    answer({"beforeTls": before_tls, "mechanisms": mechanisms, "authCode": code, "refused": sorted(refused)})


main()

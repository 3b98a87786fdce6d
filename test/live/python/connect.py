"""What both Python clients need: the case to play (JSON on stdin), a loopback socket that is verified as Microsoft's host,
and the XOAUTH2 response. Only the standard library, as a stranger to the project would use it."""

import json
import socket
import ssl
import sys


def read_case():
    return json.load(sys.stdin)


def tls_context(case):
    context = ssl.create_default_context(cadata=case["ca"])
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def loopback(case, timeout=20):
    return socket.create_connection((case["address"]["host"], case["address"]["port"]), timeout)


def xoauth2(case):
    return "user=%s\x01auth=Bearer %s\x01\x01" % (case["user"], case["token"])


def answer(result):
    json.dump(result, sys.stdout)

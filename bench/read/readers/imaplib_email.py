"""Python's own imaplib and email package with the policy that its documentation recommends; the sink of sink.mjs."""

import hashlib
import imaplib
import json
import re
import ssl
import sys
import time
from email import message_from_bytes, policy

TASK = json.load(sys.stdin)
PER_COMMAND = 50


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def sign_in():
    context = ssl.create_default_context(cadata=TASK["imap"]["ca"])
    # The certificate is for another name than the loopback address; its chain is checked.
    context.check_hostname = False
    client = imaplib.IMAP4_SSL(TASK["imap"]["host"], TASK["imap"]["port"], ssl_context=context)
    client.login(TASK["address"], TASK["password"])
    return client


def read(folder):
    client = sign_in()
    client.select(folder, readonly=True)
    uids = client.uid("SEARCH", None, "ALL")[1][0].split()
    lines, attachments, size = [], 0, 0
    for start in range(0, len(uids), PER_COMMAND):
        some = b",".join(uids[start : start + PER_COMMAND]).decode()
        for item in client.uid("FETCH", some, "(BODY.PEEK[])")[1]:
            if not isinstance(item, tuple):
                continue
            message = message_from_bytes(item[1], policy=policy.default)
            body = message.get_body(("plain",))
            text = "" if body is None else body.get_content()
            line = [str(message["Message-ID"]), sha256(text.replace("\r\n", "\n").rstrip().encode())]
            for part in message.walk():
                if part.is_multipart() or part.get_filename() is None:
                    continue
                content = part.get_content()
                attachments += 1
                size += len(content)
                line.append(sha256(content))
            lines.append(" ".join(line))
    client.logout()
    digest = sha256("\n".join(sorted(lines)).encode())
    return {"messages": len(lines), "attachments": attachments, "bytes": size, "sha256": digest}


def peak_megabytes():
    with open("/proc/self/status", encoding="latin1") as status:
        return int(re.search(r"VmHWM:\s+(\d+) kB", status.read())[1]) / 1024


read(TASK["warmFolder"])
runs = []
for _ in range(TASK["runs"]):
    cpu, started = time.process_time(), time.perf_counter()
    found = read(TASK["folder"])
    runs.append(
        {
            "milliseconds": (time.perf_counter() - started) * 1000,
            "cpuMilliseconds": (time.process_time() - cpu) * 1000,
            "found": found,
        }
    )
print(json.dumps({"runs": runs, "peakMegabytes": peak_megabytes()}))

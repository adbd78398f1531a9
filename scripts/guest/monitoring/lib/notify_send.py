"""notify_send.py CHANNEL: sends the message on stdin (JSON, notify_text.py) by webhook or mail, and ends.

The only one that reads the file of secrets and speaks with the network. stdout, one line: "delivered", "delivered WHY"
(not to all), or "failed WHY". WHY is in words of its own: what a server or a library says may repeat a URL or a login.
"""
import contextlib
import http.client
import json
import os
import smtplib
import socket
import ssl
import sys
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import urlsplit

from notify_settings import settings

# Seconds for each step of a conversation. The whole one is ended by who has started this.
PATIENCE = 5


class Failed(Exception):
    """Its text may be shown."""


def post(url, message):
    parts = urlsplit(url)
    if parts.scheme == "https":
        server = http.client.HTTPSConnection(parts.hostname, parts.port, timeout=PATIENCE,
                                             context=ssl.create_default_context())
    else:
        server = http.client.HTTPConnection(parts.hostname, parts.port, timeout=PATIENCE)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = {"Content-Type": "application/json", "User-Agent": "kvm-mirror", "Connection": "close"}
    server.request("POST", path, json.dumps(message), headers)
    status = server.getresponse().status
    if not 200 <= status < 300:
        raise Failed(f"the server answers {status}")


def letter(mail, message):
    found = EmailMessage()
    found["From"], found["To"] = mail["from"], ", ".join(mail["to"])
    found["Subject"] = message["text"].split("\n")[0]
    found["Date"] = formatdate()
    # Without a domain the library asks name servers for this machine's.
    found["Message-ID"] = make_msgid(domain=os.uname().nodename)
    found["Auto-Submitted"] = "auto-generated"
    found.set_content(message["text"] + "\n")
    return found


def send_mail(mail, message):
    own = {"timeout": PATIENCE, "local_hostname": os.uname().nodename}
    if mail["tls"] == "tls":
        server = smtplib.SMTP_SSL(mail["server"], mail["port"], context=ssl.create_default_context(), **own)
    else:
        server = smtplib.SMTP(mail["server"], mail["port"], **own)
    if mail["tls"] == "starttls":
        server.starttls(context=ssl.create_default_context())
    if "user" in mail:
        server.login(mail["user"], mail["password"])
    refused = server.send_message(letter(mail, message), mail["from"], mail["to"])
    # It has the message: whatever becomes of the farewell, it must not be sent again.
    with contextlib.suppress(smtplib.SMTPException, OSError):
        server.quit()
    # Sent again, the others would get it twice.
    return f"the mail server refuses {len(refused)} of {len(mail['to'])} recipients" if refused else None


def why(error):
    """What went wrong, without what others have said. None: not known by name."""
    if isinstance(error, Failed):
        return str(error)
    if isinstance(error, ssl.SSLCertVerificationError):
        return "this mirror does not trust the server's certificate: it is of an authority that it does not know, of " \
            "another name, or too old"
    if isinstance(error, ssl.SSLError):
        return "the server does not speak TLS there, or none that this mirror takes"
    if isinstance(error, socket.gaierror):
        return "the server's name has no address, or no name server answers"
    if isinstance(error, TimeoutError):
        return f"the server does not answer within {PATIENCE} s"
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return "the mail server offers no STARTTLS, or no login, there"
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return f"the mail server refuses the login ({error.smtp_code})"
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "the mail server refuses all recipients"
    if isinstance(error, smtplib.SMTPSenderRefused):
        return f"the mail server refuses the sender ({error.smtp_code})"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"the mail server answers {error.smtp_code}"
    if isinstance(error, (smtplib.SMTPServerDisconnected, http.client.RemoteDisconnected)):
        return "the server ends the connection"
    if isinstance(error, (smtplib.SMTPException, http.client.HTTPException)):
        return f"the server does not speak its protocol ({type(error).__name__})"
    if isinstance(error, OSError) and error.errno:
        return os.strerror(error.errno).lower()
    return None


def main(channel):
    given, message = settings(), json.load(sys.stdin)
    try:
        partly = post(given["webhook"], message) if channel == "webhook" else send_mail(given["mail"], message)
        print("delivered" if partly is None else f"delivered {partly}")
    except Exception as error:  # Whatever it is, it must not show itself: its text may hold the secret.
        print(f"failed {why(error) or f'an error that nobody has foreseen, {type(error).__name__}'}")


main(sys.argv[1])

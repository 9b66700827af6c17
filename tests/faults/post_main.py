"""The product's worker with its recording gateways, which note in `PROVIDER_LOG` when each message leaves.

A line is: key, process, monotonic nanoseconds. With `DIES` = `before` or `after` the first process that sends a notice
ends there, as by kill -9; notices are leased for one second then.
"""

import os
import signal
import time

from gateways.delivery import Receipt
from gateways.email import Mail
from gateways.recording import RecordingEmail, RecordingSms
from gateways.sms import Sms
from tasks import messages
from tasks.worker import main

real_sms, real_email = RecordingSms.send, RecordingEmail.send


def note(key: str) -> None:
    """Remembers a call, as one write that no kill can split."""
    file = os.open(os.environ["PROVIDER_LOG"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(file, f"{key} {os.getpid()} {time.monotonic_ns()}\n".encode())
    os.close(file)


def dies(when: str, key: str) -> None:
    """Ends this process when it is the first one to come here with a notice."""
    if os.environ.get("DIES") != when or not key.startswith("notice:"):
        return
    try:
        os.close(os.open(f"{os.environ['PROVIDER_LOG']}-died", os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return
    os.kill(os.getpid(), signal.SIGKILL)


async def send_sms(self: RecordingSms, sms: Sms, *, key: str) -> Receipt:
    """The gateway's, noted."""
    dies("before", key)
    note(key)
    receipt = await real_sms(self, sms, key=key)
    dies("after", key)
    return receipt


async def send_email(self: RecordingEmail, message: Mail, *, key: str) -> Receipt:
    """The gateway's, noted."""
    dies("before", key)
    note(key)
    receipt = await real_email(self, message, key=key)
    dies("after", key)
    return receipt


RecordingSms.send = send_sms  # type: ignore[method-assign]
RecordingEmail.send = send_email  # type: ignore[method-assign]

if "DIES" in os.environ:
    messages.NOTICE_LEASE = 1.0

if __name__ == "__main__":
    main()

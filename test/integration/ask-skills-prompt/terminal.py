"""Runs a command on a terminal, and types each text as soon as its cue is shown; prints all that the terminal showed.

terminal.py '[["cue", "text to type"], ...]' COMMAND...   exits with the command's exit code
"""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import sys
import time

LIMIT_SECONDS = 120


def main(steps: list[list[str]], command: list[str]) -> int:
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvp(command[0], command)
    shown = b""
    seen = 0
    end = time.monotonic() + LIMIT_SECONDS
    while time.monotonic() < end:
        if steps and (at := shown.find(steps[0][0].encode(), seen)) != -1:
            seen = at + len(steps[0][0])
            os.write(terminal, steps.pop(0)[1].encode())
        if not select.select([terminal], [], [], 0.1)[0]:
            continue
        try:
            data = os.read(terminal, 65536)
        except OSError:
            break
        if not data:
            break
        shown += data
    else:
        os.kill(pid, signal.SIGKILL)
    sys.stdout.buffer.write(shown)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1]), sys.argv[2:]))

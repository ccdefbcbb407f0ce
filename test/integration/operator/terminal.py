"""Runs a command on a terminal of 33 rows and 77 columns, types a line as soon as it prompts, and prints what it shows.

terminal.py LINE COMMAND...   exits with the command's exit code
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import sys
import termios
import time

LIMIT_SECONDS = 60


def main(line: str, command: list[str]) -> int:
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvp(command[0], command)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 33, 77, 0, 0))
    shown = b""
    typed = False
    end = time.monotonic() + LIMIT_SECONDS
    while time.monotonic() < end:
        if not typed and b"$ " in shown:
            os.write(terminal, line.encode() + b"\n")
            typed = True
        if not select.select([terminal], [], [], 0.2)[0]:
            continue
        try:
            data = os.read(terminal, 65536)
        except OSError:
            break
        if not data:
            break
        shown += data
    sys.stdout.buffer.write(shown)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))

"""A mistake that nobody foresaw is told by its kind and place, without a word of what was sent."""

from __future__ import annotations

import subprocess
import sys

CANARY = "canary-7f3a"
# In a process of its own, since it changes what all of a process says.
SCRIPT = f"""
import asyncio, logging, threading
from tts_app.quiet import hush

hush(print)
logging.getLogger("any.library").error("could not read %s", "{CANARY}")
logging.getLogger("any.library").warning("{CANARY}")
try:
    raise ValueError("{CANARY}")
except ValueError:
    logging.getLogger("uvicorn.error").exception("{CANARY}")

def fails():
    raise KeyError("{CANARY}")

thread = threading.Thread(target=fails)
thread.start()
thread.join()

class Dying:
    def __del__(self):
        raise OSError("{CANARY}")

Dying()

async def forgotten():
    asyncio.get_running_loop().call_soon(fails)
    await asyncio.sleep(0)

asyncio.run(forgotten())
"""


def test_no_word_of_a_mistake_is_said() -> None:
    """Of loggers, threads, objects and an event loop; each is one line with class, file and line."""
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=120, check=True)

    assert CANARY not in done.stdout + done.stderr
    said = [line.removeprefix("internal error: ").split(":")[0] for line in done.stdout.splitlines()]
    assert said == [
        "ERROR at <string>",
        "ValueError at <string>",
        "KeyError at <string>",
        "OSError at <string>",
        "KeyError at <string>",
    ]
    assert [line.rpartition("(")[2] for line in done.stdout.splitlines()] == [
        "any.library)",
        "uvicorn.error)",
        "thread)",
        "object)",
        "asyncio)",
    ]
    assert done.stderr == ""

"""`PYTHON tts_app/worker KIND JSON_OPTIONS`: one engine in a process of its own, in any virtual environment.

Python puts this folder, and nothing else of ours, on the path; its one package has a name that no engine has.
"""

import sys
from importlib import import_module


def refuse():
    # type: () -> None
    """Says in a frame that this Python is too old to read the rest; so this file is for older ones too."""
    import json
    import struct

    problem = [
        "Python {}.{} is too old for a worker".format(*sys.version_info[:2]),
        "3.10 or newer, see docs/engines.md",
    ]
    said = {"ready": False, "error": problem[0], "hint": problem[1], "missing": [problem]}
    data = json.dumps(said).encode()
    sys.stdout.buffer.write(struct.pack(">II", len(data), 0) + data)
    sys.stdout.flush()


if __name__ == "__main__":
    if sys.version_info < (3, 10):  # noqa: UP036 - a worker's Python is not ours
        refuse()
    else:
        import_module("vox_worker.main").main()

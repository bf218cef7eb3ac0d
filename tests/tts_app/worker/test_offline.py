"""In a process of its own: no connection to another host, no log record, ModelScope's cache alone."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.tts_app.adapters.conftest import STUBS, WORKER

SCRIPT = """
import json, logging, os, socket, sys
sys.path[:0] = sys.argv[1:]
listening = socket.create_server(("127.0.0.1", 0))
from vox_worker.offline import stay_offline
stay_offline()
logging.basicConfig(level=logging.DEBUG, force=True)
logging.getLogger("engine").critical("canary")

def tried(work):
    try:
        return work() or "done"
    except Exception as exc:
        return f"{type(exc).__name__}: {exc}"

import modelscope
plain = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
print(json.dumps({
    "name": tried(lambda: socket.getaddrinfo("huggingface.co", 443)),
    "address": tried(lambda: plain.connect(("192.0.2.1", 443))),
    "itself": tried(lambda: socket.create_connection(("localhost", listening.getsockname()[1])).close()),
    "hub": os.environ["HF_HUB_OFFLINE"],
    "modelscope": tried(lambda: modelscope.snapshot_download("pengzhendong/wetext")),
}))
plain.close()
"""


def test_what_a_process_can_do_no_more():
    """Neither by name nor by address, though it may talk to this machine; asked for a download, ModelScope looks at its cache."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(WORKER), str(STUBS)], capture_output=True, text=True, check=True, timeout=120
    )

    assert done.stderr == ""
    assert json.loads(done.stdout) == {
        "name": "OSError: this process has no network",
        "address": "OSError: this process has no network",
        "itself": "done",
        "hub": "1",
        "modelscope": "ValueError: Cannot find the requested files in the cached path for pengzhendong/wetext",
    }

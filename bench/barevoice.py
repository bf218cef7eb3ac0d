"""The embedded engine without a service around it: speaks each line of stdin and prints how many seconds that took."""

from __future__ import annotations

import sys
import time

from tts_app.engines.spec import WORKER


def main() -> None:
    """Until stdin ends."""
    sys.path.insert(0, WORKER)
    from importlib import import_module

    order_of = import_module("vox_worker.adapter").Order
    report_of, device = import_module("vox_worker.report").Report, import_module("vox_worker.device").Device("cpu")
    engine = import_module("vox_worker.adapters.espeak").Engine({})
    for line in sys.stdin:
        start = time.perf_counter()
        for _ in engine.speak(order_of(text=line.strip(), language="en", speaker="f1"), report_of(device)):
            pass
        sys.stdout.write(f"{time.perf_counter() - start}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()

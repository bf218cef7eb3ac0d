"""The place of one worker: a process in it, a new one after it died, or after it served long enough."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from pathlib import Path

from tts_app.engines.info import EngineInfo, info_of
from tts_app.engines.process import WorkerDied, WorkerProcess
from tts_app.engines.progress import EngineOrder
from tts_app.engines.spec import EngineSpec

PAUSES_SECONDS = (0.0, 0.5, 2.0, 10.0, 30.0)
WARM_UPS = {"zh": "你好。", "en": "Hello.", "ja": "こんにちは。", "ko": "안녕하세요.", "yue": "你好。"}
SILENT_EXITS = "it ended at once"


class Slot:
    """One worker's place.

    `problem` and `hint`: why its last start failed. `failures`: starts in a row that did. `crashes`: deaths since an order last
    went well; each one makes the pause before the next start longer. `requests`: served by the process that is in it.

    Args:
        number: of this place.
        spec: of the engine.
        tell: gets lines for the operator.
        oom_kills: how many processes the kernel has killed for want of memory.
    """

    def __init__(
        self,
        number: int,
        spec: EngineSpec,
        *,
        tell: Callable[[str], None],
        oom_kills: Callable[[], int | None],
    ) -> None:
        self.number = number
        self.info: EngineInfo | None = None
        self.problem: str | None = None
        self.hint: str | None = None
        self.process: WorkerProcess | None = None
        self.ready = False
        self.busy = False
        self.warm = False
        self.requests = 0
        self.failures = 0
        self.crashes = 0
        self._spec = spec
        self._tell = tell
        self._read_oom_kills = oom_kills
        self._oom_kills: int | None = None

    @property
    def up(self) -> bool:
        """Whether its process runs and has said that it is ready."""
        return self.ready and self.process is not None and self.process.pid is not None

    @property
    def due(self) -> bool:
        """Whether its process has served as much as one should."""
        return 0 < self._spec.recycle_after <= self.requests

    @property
    def overdue(self) -> bool:
        """Whether it has served twice as much, since there never was a good moment to replace it."""
        return 0 < 2 * self._spec.recycle_after <= self.requests

    @property
    def pause_seconds(self) -> float:
        """How long to wait before the next start."""
        return PAUSES_SECONDS[min(max(self.crashes - 1, 0), len(PAUSES_SECONDS) - 1)]

    async def start(self) -> bool:
        """Starts a process and waits until it is ready; False, with `problem` set, where it isn't."""
        self.requests, self.warm = 0, False
        self._oom_kills = self._read_oom_kills()
        self.process = WorkerProcess(self._spec.command(self.number), self._spec.environment(), self._say)
        try:
            async with asyncio.timeout(self._spec.start_seconds):
                self.info = await self._load(self.process)
                await self._warm_up(self.process)
        except (WorkerDied, TimeoutError, OSError, ValueError) as exc:
            self._fail(exc)
            await self.process.kill()
            return False
        self.problem = self.hint = None
        self.failures = 0
        self.ready = True
        return True

    async def stop(self) -> None:
        """Ends the process in order."""
        self.ready = False
        if self.process is not None:
            await self.process.stop()

    async def kill(self) -> None:
        """Ends the process at once."""
        self.ready = False
        if self.process is not None:
            await self.process.kill()

    def code_of_death(self, exit_code: int | None) -> str:
        """What it means that the process ended. What the kernel kills for want of memory it kills like this."""
        starved = exit_code == -signal.SIGKILL and self._read_oom_kills() != self._oom_kills
        return "OOM_HOST" if starved else "ENGINE_CRASH"

    async def _load(self, process: WorkerProcess) -> EngineInfo:
        header = await process.start()
        if header.get("ready") is not True:
            raise WorkerDied(str(header.get("error") or SILENT_EXITS), str(header.get("hint") or ""))
        return info_of(self._spec.name, self._spec.kind, header)

    async def _warm_up(self, process: WorkerProcess) -> None:
        """Speaks something nobody hears, so that the first order is as fast as the others."""
        info = self.info
        if not self._spec.warm_up or info is None:
            return
        language = info.languages[0] if info.languages else "und"
        speaker = info.speaker_ids[0] if info.speakers else None
        order = EngineOrder(text=WARM_UPS.get(language, WARM_UPS["en"]), language=language, speaker=speaker)
        header, _ = order.frame(0)
        await process.send({**header, "op": "warm_up"})
        while "ok" not in (answer := (await process.read())[0]):
            pass
        self.warm = answer["ok"] is True
        if answer.get("fatal") is True:
            raise WorkerDied(f"it failed on its first sentence: {answer.get('code')}")

    def _fail(self, error: Exception) -> None:
        self.failures += 1
        if self.problem is None:
            self._say(f"worker {self.number} can't be started: {error or 'it took too long'}")
        self.problem = str(error) or "loading took too long"
        self.hint = getattr(error, "hint", "") or None

    def _say(self, line: str) -> None:
        self._tell(f"{self._spec.name}: {line}")


def oom_kills(vmstat: Path = Path("/proc/vmstat")) -> int | None:
    """How many processes this kernel has killed for want of memory; None where it doesn't say."""
    try:
        found = [line for line in vmstat.read_text().splitlines() if line.startswith("oom_kill ")]
        return int(found[0].split()[1]) if found else None
    except (OSError, ValueError):
        return None

"""What the service adds to its voice: `python -m bench.speaking [--requests N] [--out FILE]` writes bench/speaking.md."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from bench.figures import Figure, table
from bench.measure import module, tree
from bench.report import machine
from bench.talking import Answer, Client, Service, served

SENTENCE = "The weather is fine today, let us go for a walk in the park."
RETRY_SECONDS = 1.0
CLIENTS, ROUNDS, PAIRS, STREAMS, KILLED = 200, 10, 300, 200, 1000
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def main() -> None:
    """All measurements, one after the other."""
    options = argparse.ArgumentParser(prog="python -m bench.speaking")
    options.add_argument("--requests", type=int, default=10_000, help="for the memory; 10,000 is what is promised")
    options.add_argument("--out", type=Path, default=Path(__file__).with_name("speaking.md"))
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-speaking-") as name:
        folder = Path(name)
        figures = [
            *overhead(folder / "overhead"),
            *asyncio.run(streams(folder / "streams")),
            *asyncio.run(crowd(folder / "crowd")),
            *asyncio.run(kills(folder / "kills")),
            *asyncio.run(memory(folder / "memory", given.requests)),
        ]
    given.out.write_text(page(figures, datetime.now(UTC).date()))
    sys.stdout.write(table(figures) + "\n")
    sys.exit(0 if all(figure.met for figure in figures) else 1)


def page(figures: Sequence[Figure], day: date) -> str:
    """The whole page."""
    missed = [figure.name for figure in figures if not figure.met]
    return f"""# What the service adds to its voice

Written by `python -m bench.speaking` on {day.isoformat()}. The embedded voice behind HTTP on the loopback, two workers, one log;
clients, service and workers share the machine. A missed aim is bold.

Machine: {machine()}.

{table(figures)}

{"Missed: " + "; ".join(missed) + "." if missed else "All aims are met."}
"""


def overhead(folder: Path) -> list[Figure]:
    """The same sentence by the engine alone and through the service, in turns."""
    bare = subprocess.Popen(module("barevoice"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with served(folder, "--workers", "2") as service, bare:
        pairs = asyncio.run(_pairs(service, bare))
        if bare.stdin is not None:
            bare.stdin.close()
    added = sorted(1000 * (through - alone) for alone, through in pairs)
    low, high = _interval(added)
    alone = statistics.median(1000 * seconds for seconds, _ in pairs)
    detail = (
        f"95 % interval {low:.2f} to {high:.2f}; the engine alone takes {alone:.2f} ms; {len(pairs)} pairs in turns"
    )
    return [Figure("added to the bare engine, P50", statistics.median(added), "ms", 8, at_most=True, detail=detail)]


async def _pairs(service: Service, bare: subprocess.Popen[str]) -> list[tuple[float, float]]:
    if bare.stdin is None or bare.stdout is None:
        raise RuntimeError("the engine has no pipes")
    client, pairs = Client(service), []
    for number in range(PAIRS + 20):
        bare.stdin.write(SENTENCE + "\n")
        bare.stdin.flush()
        alone = float(bare.stdout.readline())
        answer = await client.ask(SENTENCE)
        if answer.status != 200:
            raise RuntimeError(f"the service answered {answer.status}")
        if number >= 20:
            pairs.append((alone, answer.seconds))
    await client.close()
    return pairs


def _interval(ordered: list[float]) -> tuple[float, float]:
    """A 95 % interval of the median, from order statistics."""
    half = 0.98 * len(ordered) ** 0.5
    return ordered[max(0, int(len(ordered) / 2 - half))], ordered[min(len(ordered) - 1, int(len(ordered) / 2 + half))]


async def streams(folder: Path) -> list[Figure]:
    """How soon there is sound where it is streamed, for a text of twenty sentences."""
    with served(folder, "--workers", "2") as service:
        client, text = Client(service), " ".join([SENTENCE] * 20)
        answers = [await client.ask(text, stream=True) for _ in range(STREAMS)]
        await client.close()
    first = sorted(1000 * answer.first_seconds for answer in answers if answer.status == 200)
    whole = statistics.median(1000 * answer.seconds for answer in answers)
    detail = f"P50 {statistics.median(first):.1f} ms; the last byte comes after {whole:.0f} ms; {len(first)} streams"
    return [Figure("first streamed sound, P99", _quantile(first, 0.99), "ms", 60, at_most=True, detail=detail)]


async def crowd(folder: Path) -> list[Figure]:
    """Two hundred clients at once, each with its own texts, against two workers."""
    with served(folder, "--workers", "2") as service:
        lengths = await _lengths(service)
        talks = [_talk(service, random.Random(number), lengths) for number in range(CLIENTS)]  # noqa: S311 - no secret
        told = [pair for talk in await asyncio.gather(*talks) for pair in talk]
    # Read once the service has ended: a line is written after the answer's last byte.
    lines = service.requests()[len(lengths) :]
    spoken = [pair for pair in told if pair[1].status == 200]
    refused = sorted(1000 * answer.seconds for _, answer in told if answer.status in (429, 503))
    wrong = sum(abs(answer.audio_seconds - lengths[words]) > 0.02 * lengths[words] for words, answer in spoken)
    other = len(told) - len(spoken) - len(refused)
    detail = f"{len(spoken)} spoken, {len(refused)} refused, {other} neither"
    slow = f"{CLIENTS} clients at once, who come back as Retry-After says; P50 {_quantile(refused, 0.5):.0f} ms"
    return [
        Figure("lines missing or too many", abs(len(told) - len(lines)), "", 0, at_most=True, detail=detail),
        Figure("answers with the wrong sound", wrong, "", 0, at_most=True, detail="by the length of each text"),
        Figure("answers that are neither sound nor refusal", other, "", 0, at_most=True),
        Figure("refused, P99", _quantile(refused, 0.99), "ms", 100, at_most=True, detail=slow),
    ]


async def _lengths(service: Service) -> dict[int, float]:
    """How long the sound of so many words is."""
    client = Client(service)
    found = {words: (await client.ask(_text(words))).audio_seconds for words in range(1, 21)}
    await client.close()
    return found


async def _talk(service: Service, choice: random.Random, lengths: dict[int, float]) -> list[tuple[int, Answer]]:
    client, told = Client(service), []
    for _ in range(ROUNDS):
        words = choice.choice(list(lengths))
        answer = await client.ask(_text(words))
        told.append((words, answer))
        # As the answer's Retry-After asks for; the first round comes all at once.
        await asyncio.sleep(RETRY_SECONDS if answer.status in (429, 503) else 0)
    await client.close()
    return told


def _text(words: int) -> str:
    return " ".join(["seventeen"] * words)


async def kills(folder: Path) -> list[Figure]:
    """A thousand requests of sixteen clients while workers are killed at random."""
    choice = random.Random(17)  # noqa: S311 - no secret
    with served(folder, "--workers", "2") as service:
        left, killed = list(range(KILLED)), 0

        async def ask() -> None:
            nonlocal killed
            client = Client(service)
            while left:
                left.pop()
                await client.ask(SENTENCE, stream=choice.random() < 0.3)
                if choice.random() < 0.05 and (pids := service.workers()):
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(choice.choice(pids), signal.SIGKILL)
                        killed += 1
            await client.close()

        await asyncio.gather(*(ask() for _ in range(16)))
    lines = Counter(line.get("error_code", "ok") for line in service.requests())
    detail = f"{killed} kills; {', '.join(f'{code} {count}' for code, count in lines.most_common())}"
    return [Figure("lines of 1,000 requests with kills", sum(lines.values()), "", KILLED, detail=detail)]


async def memory(folder: Path, requests: int) -> list[Figure]:
    """The memory of service and workers from the first fifth of the requests to the last one."""
    with served(folder, "--workers", "2") as service:
        left, found = list(range(requests)), {}

        async def ask() -> None:
            client = Client(service)
            while left:
                number = left.pop()
                await client.ask(f"Number {number}.", stream=number % 4 == 0)
                if number % (requests // 5) == 0:
                    found[requests - number] = _rss_mib(service)
            await client.close()

        await asyncio.gather(*(ask() for _ in range(4)))
    asked = sorted(found)
    growth = found[asked[-1]] - found[asked[0]]
    detail = ", ".join(f"{found[number]:.0f} MiB after {number:,}" for number in asked)
    return [Figure(f"growth of memory to {asked[-1]:,} requests", growth, "MiB", 16, at_most=True, detail=detail)]


def _rss_mib(service: Service) -> float:
    pids = tree(service.process.pid)
    pages = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in pids)
    return pages * PAGE_BYTES / 2**20


def _quantile(ordered: list[float], part: float) -> float:
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else 0.0


if __name__ == "__main__":
    main()

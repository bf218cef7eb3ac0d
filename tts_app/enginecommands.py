"""The commands `tts-app engines` and `tts-app engines check`: which voices this machine can have, and what is missing."""

from __future__ import annotations

import itertools
import json
import sys
import time
import tomllib
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import rich_click as click

from tts_app.enginechecks import Check, Trial, check, try_out, write_wav
from tts_app.enginefile import read_engines
from tts_app.engines.progress import EngineOrder, Limits
from tts_app.engines.spec import EngineSpec
from tts_app.errors import ConfigError
from tts_app.worker.vox_worker.names import KINDS

LOAD_SECONDS = 900.0


def _as_json(context: click.RichContext, *, asked: bool) -> bool:
    return bool(asked or (context.obj or {}).get("as_json"))


@click.group(invoke_without_command=True)
@click.option(
    "--engines",
    "engines_file",
    envvar="TTS_ENGINES",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="The engines of this file instead of what there is.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_context
def engines(context: click.RichContext, /, engines_file: Path | None, as_json: bool) -> None:
    """List the engines: what each lacks on this machine, and how to get it. Nothing is loaded or downloaded.

    \b
    Example:
        tts-app engines --engines engines.toml
    """
    if context.invoked_subcommand is not None:
        return
    checks = [check(spec) for spec in _listed(engines_file)]
    if _as_json(context, asked=as_json):
        click.echo(json.dumps([_plain(one) for one in checks]))
    else:
        _show(checks)


@engines.command("check")
@click.argument("name")
@click.option(
    "--engines",
    "engines_file",
    envvar="TTS_ENGINES",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Where NAME is configured. Without it NAME is a kind: espeak, indextts2, cosyvoice, http.",
)
@click.option("--python", metavar="PATH", help="The interpreter of the engine's own environment.")
@click.option("--model-dir", metavar="DIR", help="Where its weights are.")
@click.option("--repo", metavar="DIR", help="A clone of its repository, where it is no installed package.")
@click.option("--device", metavar="NAME", help="cpu or cuda:N.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="Any other option of its table.")
@click.option("--speak", "text", metavar="TEXT", help="Load it and speak this, too.")
@click.option("--language", default="", metavar="CODE", help="Of --speak. Default: the engine's first.")
@click.option("--speaker", metavar="ID", help="Of --speak. Default: the engine's first.")
@click.option(
    "--reference",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="A recording whose voice --speak is to have.",
)
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Keep what was spoken (WAV)."
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_context
def check_engine(context: click.RichContext, /, name: str, engines_file: Path | None, **options: Any) -> None:
    """Say what engine NAME lacks on this machine; with --speak load it and speak, too.

    Ends with 1 where something is missing.

    \b
    Example:
        tts-app engines check indextts2 --python /opt/index-tts/.venv/bin/python --model-dir /opt/index-tts/checkpoints
    """
    spec = _spec(name, engines_file, options)
    found = check(spec)
    trial = _spoken(spec, options) if options["text"] and not found.missing else None
    if _as_json(context, asked=options["as_json"]):
        click.echo(json.dumps({**_plain(found), "trial": _plain_trial(trial) if trial else None}))
    else:
        _tell(found)
        if trial is not None:
            _tell_trial(trial)
    if found.missing:
        sys.exit(1)


def _listed(engines_file: Path | None) -> list[EngineSpec]:
    if engines_file is not None:
        return list(read_engines(engines_file))
    return [EngineSpec(name=kind, kind=kind) for kind in KINDS]


def _spec(name: str, engines_file: Path | None, options: dict[str, Any]) -> EngineSpec:
    """The engine called `name` in the file, or the kind of that name, with the options of the command over it."""
    known = {spec.name: spec for spec in _listed(engines_file)}
    if name not in known:
        raise ConfigError(f"there is no engine {name!r}", f"one of {', '.join(known)}")
    spec = known[name]
    own = {"model_dir": options["model_dir"], "repo": options["repo"], "device": options["device"]}
    own |= dict(_setting(text) for text in options["settings"])
    merged = {**spec.options, **{key: value for key, value in own.items() if value is not None}}
    return replace(spec, python=options["python"] or spec.python, options=merged, workers=1, devices=spec.devices[:1])


def _setting(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals:
        raise ConfigError(f"--set {text} has no value", "--set NAME=VALUE, such as --set version=2.5")
    try:
        return name.strip(), tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return name.strip(), value


def _spoken(spec: EngineSpec, options: dict[str, Any]) -> Trial:
    reference: Path | None = options["reference"]
    order = EngineOrder(
        text=options["text"],
        language=options["language"],
        speaker=options["speaker"],
        reference=reference.read_bytes() if reference else None,
    )
    limits = Limits(synthesis_seconds=LOAD_SECONDS, hang_seconds=LOAD_SECONDS)
    trial = try_out(replace(spec, start_seconds=LOAD_SECONDS), order, limits, time.perf_counter)
    if options["out"] is not None:
        write_wav(options["out"], trial)
    return trial


def _plain(found: Check) -> dict[str, Any]:
    return {**asdict(found), "state": found.state}


def _plain_trial(trial: Trial) -> dict[str, Any]:
    return {
        "model": trial.info.model,
        "device": trial.info.device,
        "sample_rate_hz": trial.info.sample_rate_hz,
        "load_seconds": round(trial.load_seconds, 3),
        "synthesis_seconds": round(trial.synthesis_seconds, 3),
        "audio_seconds": round(trial.audio_seconds, 3),
        "rtf": round(trial.rtf, 4),
        "stage_seconds": trial.figures.get("stage_seconds"),
        "gpu_memory_peak_bytes": trial.figures.get("gpu_memory_peak_bytes"),
    }


def _show(checks: list[Check]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Column, Table

    table = Table("engine", "state", "missing", Column("how to get it", overflow="fold"), box=box.SIMPLE)
    for found in checks:
        first, *others = found.missing or (None,)
        more = f" and {len(others)} more" if others else ""
        table.add_row(
            found.name,
            found.state,
            f"{first.what}{more}" if first else "",
            first.hint if first else "",
            end_section=True,
        )
    Console().print(table)


def _tell(found: Check) -> None:
    click.echo(f"{found.name}: {found.state}")
    click.echo(f"  Python {found.python_version or 'not found'}: {found.python}")
    click.echo(f"  GPU: {', '.join(found.gpus) or 'none'}")
    for hint, lacks in itertools.groupby(found.missing, key=lambda lack: lack.hint):
        click.echo(f"  missing: {', '.join(lack.what for lack in lacks)}")
        click.echo(f"    {hint}")


def _tell_trial(trial: Trial) -> None:
    figures = _plain_trial(trial)
    model, device = figures["model"] or "a model without a name", figures["device"] or "another machine"
    click.echo(f"  {model} on {device}: loaded in {figures['load_seconds']} s")
    click.echo(
        f"  spoke {figures['audio_seconds']} s in {figures['synthesis_seconds']} s (RTF {figures['rtf']}), "
        f"{figures['sample_rate_hz']} Hz"
    )
    for stage, seconds in (figures["stage_seconds"] or {}).items():
        click.echo(f"    {stage:<14}{seconds:8.3f} s")

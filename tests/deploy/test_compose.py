"""docker-compose.redash.yml, as far as it can be told without an engine."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import rich_click as click
from ruamel.yaml import YAML

from etl.cli import tts_etl
from redash.cli import cli as tts_redash
from tts_app.cli import tts_app

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docker-compose.redash.yml"
Service = dict[str, Any]

QUEUES = {"queries", "scheduled_queries", "schemas", "periodic", "emails", "default"}
PROGRAMS: dict[str, click.Group] = {"tts-etl": tts_etl, "tts-app": tts_app, "tts-redash": tts_redash}
PINNED = {
    "redash/redash": "26.9.0",
    "library/postgres": "18.6-bookworm",
    "library/redis": "7.4.10-alpine",
    "axllent/mailpit": "v1.31.4",
}
OURS = {"voxmeter-tools:0.1.0", "voxmeter-app:0.1.0"}

#: The words that the entry point of Redash's image knows (bin/docker-entrypoint, 26.3 and 26.08-dev); any other is run as it is.
ENTRY_POINT = {"server", "scheduler", "worker"}
#: What reads each name in the source of Redash 26.3 and 26.08-dev.
SETTINGS = "redash/settings/__init__.py"
REDASH_READS = {
    "REDASH_DATABASE_URL": SETTINGS,
    "REDASH_REDIS_URL": SETTINGS,
    "REDASH_COOKIE_SECRET": SETTINGS,
    "REDASH_SECRET_KEY": SETTINGS,
    "REDASH_HOST": SETTINGS,
    "REDASH_ENFORCE_CSRF": SETTINGS,
    "REDASH_COOKIES_SECURE": SETTINGS,
    "REDASH_VERSION_CHECK": SETTINGS,
    "REDASH_LOG_STDOUT": SETTINGS,
    "REDASH_ADHOC_QUERY_TIME_LIMIT": SETTINGS,
    "REDASH_SCHEDULED_QUERY_TIME_LIMIT": SETTINGS,
    "REDASH_MAIL_SERVER": SETTINGS,
    "REDASH_MAIL_PORT": SETTINGS,
    "REDASH_MAIL_USE_TLS": SETTINGS,
    "REDASH_MAIL_USERNAME": SETTINGS,
    "REDASH_MAIL_PASSWORD": SETTINGS,
    "REDASH_MAIL_DEFAULT_SENDER": SETTINGS,
    "REDASH_WEB_WORKERS": "bin/docker-entrypoint",
    "REDASH_GUNICORN_BIND": "bin/docker-entrypoint (26.08-dev)",
    "QUEUES": "bin/docker-entrypoint and worker.conf",
    "WORKERS_COUNT": "bin/docker-entrypoint and worker.conf",
    "FLASK_USERS_CREATE_ROOT_PASSWORD": "flask.cli.FlaskGroup, whose options are read from FLASK_<COMMAND>_<OPTION>",
    "FLASK_USERS_CREATE_PASSWORD": "flask.cli.FlaskGroup",
    "ADMIN_EMAIL": "deploy/redash/setup",
}
#: What the others read.
OTHERS_READ = {
    "postgres": {
        "POSTGRES_PASSWORD": "the image",
        "POSTGRES_INITDB_ARGS": "the image",
        "REDASH_DB_PASSWORD": "deploy/redash/databases.sql",
        "TTS_LOADER_PASSWORD": "deploy/redash/databases.sql",
        "TTS_READER_PASSWORD": "deploy/redash/databases.sql",
    },
    "mail": {"MP_DATABASE": "mailpit"},
}


def services() -> dict[str, Service]:
    """The services as the file says them, anchors and merges resolved, variables not."""
    read: dict[str, dict[str, Service]] = YAML(typ="safe").load(FILE.read_text(encoding="utf-8"))
    return read["services"]


def default_of(text: Any) -> str:
    """A text with its variables at their defaults; one that has none is left empty."""
    return re.sub(r"\$\{\w+(?::-([^}]*)|:\?[^}]*)\}", lambda found: found[1] or "", str(text))


def commands() -> Iterator[tuple[str, list[str]]]:
    """Each command and health check of a service, in words."""
    for name, service in services().items():
        for words in (service.get("command"), service.get("healthcheck", {}).get("test")):
            if words:
                yield name, [default_of(word) for word in words if word != "CMD"]


SERVICES = sorted(services())
REDASH = [name for name in SERVICES if "redash/redash" in services()[name]["image"]]


@pytest.fixture
def composed(tmp_path: Path) -> Any:
    """What docker-compose makes of the file and of a `.env` of `scripts/redash-env`: a function of further variables."""
    for name in ("docker-compose.redash.yml", "deploy/redash", "scripts/redash-env"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tmp_path / name)
    subprocess.run(["scripts/redash-env"], cwd=tmp_path, check=True, capture_output=True)

    def read(**variables: str) -> dict[str, Service]:
        words = ["docker-compose", "-f", FILE.name, "config"]
        environment = {**os.environ, **variables}
        done = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        found: dict[str, dict[str, Service]] = YAML(typ="safe").load(done.stdout)
        return found["services"]

    return read


@pytest.mark.needs("docker-compose")
def test_compose_reads_it_and_fills_in_what_redash_env_wrote(composed: Any) -> None:
    """No variable is left, no secret empty; two services wait for their profile."""
    found = composed()

    assert sorted(found) == SERVICES
    assert {name: one["profiles"] for name, one in found.items() if "profiles" in one} == {
        "app": ["app"],
        "mail": ["mail"],
    }
    assert "${" not in json.dumps(found)
    assert len(found["server"]["environment"]["REDASH_SECRET_KEY"]) == 64
    assert found["server"]["image"] == "docker.io/redash/redash:26.9.0"


@pytest.mark.needs("docker-compose")
def test_a_mirror_stands_before_every_image(composed: Any) -> None:
    """With IMAGE_PREFIX nothing is taken from anywhere else, the base of our own image included."""
    found = composed(IMAGE_PREFIX="mirror.example/hub/", PIP_INDEX_URL="https://pypi.example/simple")

    images = {one["image"] for one in found.values() if "build" not in one}
    assert images == {f"mirror.example/hub/{name}:{tag}" for name, tag in PINNED.items()}
    assert {json.dumps(one["build"]["args"], sort_keys=True) for one in found.values() if "build" in one} == {
        '{"IMAGE_PREFIX": "mirror.example/hub/", "PIP_INDEX_URL": "https://pypi.example/simple"}'
    }


@pytest.mark.needs("docker-compose")
def test_without_secrets_it_says_what_to_run(tmp_path: Path) -> None:
    """Compose's own error holds the hint."""
    shutil.copy(FILE, tmp_path)
    words = ["docker-compose", "-f", FILE.name, "config"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert (done.returncode, "run make redash-env" in done.stderr) == (1, True)


def test_every_image_is_pinned_and_behind_the_prefix() -> None:
    """Ours are built here, from a base that is (tests/deploy/test_dockerfile.py)."""
    images = {name: one["image"] for name, one in services().items()}

    built = {image for name, image in images.items() if "build" in services()[name]}
    pulled = {image for name, image in images.items() if "build" not in services()[name]}
    assert built == OURS
    assert pulled == {f"${{IMAGE_PREFIX:-docker.io/}}{name}:{tag}" for name, tag in PINNED.items()}


def test_each_queue_has_a_worker() -> None:
    """All six, each once; alerts are evaluated on `default`, schedules looked at on `periodic`."""
    workers = [one for one in services().values() if one.get("command") == ["worker"]]
    queues = [queue for one in workers for queue in one["environment"]["QUEUES"].split(",")]

    assert (sorted(queues), len(workers)) == (sorted(QUEUES), 3)
    assert [one["healthcheck"]["test"][:3] for one in workers] == [["CMD", "python", "-c"]] * 3


@pytest.mark.parametrize(
    ("name", "words"), [pytest.param(*one, id=f"{one[0]}-{one[1][0]}-{one[1][1:2]}") for one in commands()]
)
def test_each_command_is_there(name: str, words: list[str]) -> None:
    """Ours by their own lists of commands and options, Redash's by its entry point, snippets of Python by the compiler."""
    if words[0] in PROGRAMS:
        program = PROGRAMS[words[0]]
        command = program.get_command(click.Context(program), words[1])
        assert command is not None
        options = {option for parameter in command.params for option in parameter.opts}
        assert [word for word in words[2:] if word.startswith("--") and word not in options] == []
    elif words[:2] == ["python", "-c"]:
        compile(words[2], name, "exec")
    elif name in REDASH and words[0] not in ("sh", "curl"):
        assert (words[0] in ENTRY_POINT, len(words)) == (True, 1)
    else:
        known = {"sh": "/setup", "curl": "--fail", "redis-server": "--appendonly", "pg_isready": "--quiet"}
        others = {"CMD-SHELL": "redis-cli ping | grep -q PONG", "/mailpit": "readyz"}
        assert {**known, **others}[words[0]] == words[1]


@pytest.mark.parametrize("name", REDASH)
def test_redash_is_told_what_it_reads(name: str) -> None:
    """No name that Redash does not look at: a misspelled one is silent."""
    assert set(services()[name]["environment"]) - set(REDASH_READS) == set()


@pytest.mark.parametrize("name", sorted(set(SERVICES) - set(REDASH)))
def test_the_others_are_told_what_they_read(name: str) -> None:
    """Our commands by their options, PostgreSQL by its init file, which looks up just the names that it is given."""
    told = set(services()[name].get("environment", {}))
    if name in OTHERS_READ:
        known = set(OTHERS_READ[name])
    else:
        program = services()[name].get("command", ["tts-etl"])[0]
        sources = (ROOT / {"tts-etl": "etl", "tts-app": "tts_app", "tts-redash": "redash"}.get(program, "etl")).rglob(
            "*"
        )
        text = "\n".join(path.read_text(encoding="utf-8") for path in sources if path.suffix in (".py", ".yaml"))
        known = {name for name in told if re.search(rf"\b{name}\b", text)} | {"TZ"}

    assert told - known == set()


def test_every_port_is_bound_to_this_machine_unless_set() -> None:
    """And neither PostgreSQL nor Redis is published at all."""
    ports = {name: one["ports"] for name, one in services().items() if "ports" in one}

    assert {name: [default_of(port) for port in published] for name, published in ports.items()} == {
        "server": ["127.0.0.1:5000:5000"],
        "app": ["127.0.0.1:7860:7860"],
        "mail": ["127.0.0.1:8025:8025"],
    }


def test_no_secret_stands_in_the_file() -> None:
    """What is named like one comes out of the environment, without a default; so do the passwords in addresses."""
    given = [
        (name, value)
        for one in services().values()
        for name, value in one.get("environment", {}).items()
        if re.search(r"PASSWORD|SECRET|_KEY|DATABASE_URL", name)
    ]
    wrong = [name for name, value in given if not re.search(r"\$\{\w+:\?run make redash-env\}", value)]

    assert len(given) > 20
    # A mail server of one's own may have a password; the catcher has none.
    assert set(wrong) == {"REDASH_MAIL_PASSWORD"}
    assert default_of(services()["server"]["environment"]["REDASH_MAIL_PASSWORD"]) == ""


@pytest.mark.parametrize("name", SERVICES)
def test_each_service_is_fenced(name: str) -> None:
    """No new rights, none of root's, a read-only system, logs that end, and a user that is not root."""
    one = services()[name]

    assert (one["cap_drop"], one["security_opt"], one["read_only"]) == (["ALL"], ["no-new-privileges:true"], True)
    assert "/tmp" in one["tmpfs"]  # noqa: S108
    assert one["logging"]["options"]["max-size"] == "10m"
    # Redash's own image ends with USER redash, ours with USER 10001; the others start as root unless told.
    alone = name in REDASH or one.get("image") == "voxmeter-tools:0.1.0"
    assert alone or str(one["user"]) not in ("root", "0", "0:0")
    assert default_of(one.get("user", "redash")) in ("redash", "postgres", "redis", "10001:10001")


def test_each_waits_for_what_it_needs() -> None:
    """Databases are healthy before they are asked, tables there before they are filled, workers alive before the apply."""
    waits = {
        name: {other: how["condition"].removeprefix("service_") for other, how in one.get("depends_on", {}).items()}
        for name, one in services().items()
    }
    redash = {"redash-setup": "completed_successfully", "redis": "healthy"}
    workers = ("server", "scheduler", "adhoc-worker", "scheduled-worker", "worker")

    assert waits == {
        "postgres": {},
        "redis": {},
        "app": {},
        "mail": {},
        **dict.fromkeys(workers, redash),
        "redash-setup": {"postgres": "healthy", "redis": "healthy"},
        "migrate": {"postgres": "healthy"},
        "watch": {"migrate": "completed_successfully"},
        "bootstrap": {"migrate": "completed_successfully", **dict.fromkeys(workers, "healthy")},
    }
    healthy = {other for one in waits.values() for other, how in one.items() if how == "healthy"}
    assert [name for name in sorted(healthy) if "healthcheck" not in services()[name]] == []


def test_one_shots_end_and_the_others_come_back() -> None:
    """What has done its work is not started again, what fell is."""
    policies = {name: one["restart"] for name, one in services().items()}

    assert {name for name, policy in policies.items() if policy == "no"} == {"redash-setup", "migrate", "bootstrap"}
    assert set(policies.values()) == {"no", "unless-stopped"}

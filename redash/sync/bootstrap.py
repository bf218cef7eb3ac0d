"""A fresh Redash to one with an admin, an API key in a file, and a data source that connects; without a browser.

Nothing notes how far it got: each step looks first whether it is done, so a kill anywhere is mended by doing it again.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from redash.errors import RedashAway, RedashError, RemoteError, WrongKey, WrongUse
from redash.remote.api import Api, connected
from redash.remote.login import Entrance
from redash.specs.secrets import Secret
from redash.sync.apply import Applier, Outcome
from redash.sync.plan import Step
from redash.sync.survey import Survey

Say = Callable[[str], None]
_DoneT = TypeVar("_DoneT")

_MANAGE_SECONDS = 300
_LOOK_SECONDS = 2.0
_OTHER_PASSWORD = "give the password that it has, or name another admin with --email"  # noqa: S105


@dataclass(frozen=True, slots=True)
class Admin:
    """Whose API key is used: an e-mail address, and a password that no repr shows."""

    email: str
    password: str = field(repr=False)

    @property
    def first_password(self) -> str:
        """What Redash's command line is given: it takes a password in sight of everybody on that machine, so this one is
        replaced right after. It is made of the password, so that a kill between leaves an account that can be mended."""
        salt = f"voxmeter bootstrap {self.email}".encode()
        return hashlib.scrypt(self.password.encode(), salt=salt, n=2**14, r=8, p=1, dklen=24).hex()


class Manage:
    """Redash's own command line, by the words that reach its manage.py."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = tuple(words)

    def __call__(self, *arguments: str) -> str:
        """What it prints; raises WrongUse if there is no such program, RedashError if it fails."""
        asked = " ".join(arguments[:2])
        try:
            done = subprocess.run(  # noqa: S603  It is what the operator told us to run.
                [*self._words, *arguments],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
                timeout=_MANAGE_SECONDS,
            )
        except OSError as error:
            raise WrongUse(f"--manage: can't run {self._words[0]!r}: {error.strerror}", "is it installed?") from error
        except subprocess.TimeoutExpired as error:
            raise RedashAway(f"--manage: {asked} was not done after {_MANAGE_SECONDS} seconds", "try again") from error
        if done.returncode != 0:
            last = next((line for line in reversed((done.stderr or done.stdout).splitlines()) if line.strip()), "")
            for secret in arguments[2:]:
                last = last.replace(secret, "…")
            hint = "the words have to reach Redash's manage.py: docker compose exec -T server ./manage.py"
            raise RedashError(f"--manage: {asked} failed ({done.returncode}): {last.strip()[:300]}", hint)
        return done.stdout


def wait_until_up(
    entrance: Entrance, seconds: float, *, clock: Callable[[], float], sleep: Callable[[float], None], say: Say
) -> None:
    """Waits for Redash to answer; raises RedashAway when `seconds` are over."""
    end, told = clock() + seconds, False
    while not entrance.is_up():
        if clock() >= end:
            raise RedashAway(
                f"{entrance.base_url} did not answer within {seconds:g} seconds",
                "is the server running, and is the address right? --wait gives it longer",
            )
        if not told:
            say(f"waiting for {entrance.base_url}")
            told = True
        sleep(_LOOK_SECONDS)


def when_free(
    action: Callable[[], _DoneT],
    seconds: float,
    *,
    clock: Callable[[], float],
    sleep: Callable[[float], None],
    say: Say,
) -> _DoneT:
    """Does it, again and again while another apply holds the lock: one that was killed elsewhere holds it some minutes.

    Raises the action's RedashAway when `seconds` are over.
    """
    end, told = clock() + seconds, False
    while True:
        try:
            return action()
        except RedashAway as error:
            if not error.undone or clock() >= end:
                raise
            if not told:
                say(f"waiting: {error}")
                told = True
        sleep(_LOOK_SECONDS)


def works(base_url: str, secret: Secret) -> bool:
    """Whether there is a key, and the server knows it."""
    try:
        key = secret.reveal()
    except WrongUse:
        return False
    try:
        with connected(base_url, key):
            return True
    except WrongKey:
        return False


def key_of(entrance: Entrance, admin: Admin, manage: Manage | None, say: Say) -> str:
    """The API key of the admin, whom `manage` makes where nobody is yet.

    Raises WrongUse where it may not be made, or has another password.
    """
    if manage is not None:
        manage("database", "create_tables")
    key = _signed_in(entrance, admin) if entrance.is_set_up() else None
    if key is None:
        if manage is None:
            raise _not_let_in(entrance, admin)
        _make_admin(manage, admin)
        say(f"made the admin {admin.email}")
        key = _signed_in(entrance, admin)
    if key is None:
        raise RedashError(f"Redash made {admin.email} and does not let them in", "does --manage reach the same Redash?")
    return key


def _signed_in(entrance: Entrance, admin: Admin) -> str | None:
    key = entrance.key_of(admin.email, admin.password)
    if key is None:
        key = entrance.key_of(admin.email, admin.first_password)
        if key is not None:
            with connected(entrance.base_url, key) as (api, session):
                api.users.set_password(session.user_id, admin.first_password, admin.password)
    return key


def _not_let_in(entrance: Entrance, admin: Admin) -> WrongUse:
    if entrance.is_set_up():
        return WrongUse(f"Redash does not let {admin.email} in with this password", _OTHER_PASSWORD)
    return WrongUse(
        f"{entrance.base_url} has no admin yet",
        "--manage makes one: the words that reach its manage.py, such as docker compose exec -T server ./manage.py",
    )


def _make_admin(manage: Manage, admin: Admin) -> None:
    """The first user. Where there is another one, somebody else has set this Redash up."""
    emails = re.findall(r"^Email: (.*)$", manage("users", "list"), flags=re.MULTILINE)
    if admin.email in emails:
        raise WrongUse(f"the user {admin.email} is there, with another password", _OTHER_PASSWORD)
    if emails:
        raise WrongUse(f"this Redash has users, and {admin.email} is none of them", "name an admin of it: --email")
    # Killed in the middle, create_root leaves an organization without users. A second run would give it two of each group.
    if "Slug: default" in manage("org", "list"):
        manage("users", "create", admin.email, "Admin", "--admin", "--password", admin.first_password)
    else:
        manage("users", "create_root", admin.email, "Admin", "--password", admin.first_password)


def keep_key(path: Path, key: str) -> None:
    """Writes the key, for its owner alone, whole or not at all; raises WrongUse if it can't be written."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(key)
        draft.replace(path)
    except OSError as error:
        raise WrongUse(f"can't write the API key to {path}: {error.strerror}", "does the folder exist?") from error
    finally:
        draft.unlink(missing_ok=True)


def decline_beacon(api: Api) -> None:
    """Nothing about this Redash is told to its makers, unless somebody said so."""
    if api.settings.get().get("beacon_consent") is None:
        api.settings.update({"beacon_consent": False})


def connect_sources(api: Api, seen: Survey, say: Say) -> list[Step]:
    """Makes the data sources before all else; raises RedashError if Redash can't connect to one. Returns what was done."""
    steps = tuple(step for step in seen.plan.steps if step.kind == "source")
    done = Outcome(ids=dict(seen.live.ids))
    if steps:
        plan = replace(seen.plan, steps=steps, left={})
        salt = lambda: secrets.token_hex(16)  # noqa: E731
        done = Applier(api, seen.target, seen.wanted, seen.live, plan, salt=salt, say=say).apply()
    made = {step.key for step in done.done}
    for key, one in seen.wanted.items():
        if one.kind == "source" and key in done.ids and key not in made:
            done.troubles += _tested(api, key, done.ids[key])
    if done.troubles:
        raise RedashError(
            " ".join(done.troubles[0].split()), "host, port, user and password are those that Redash's workers need"
        )
    return done.done


def _tested(api: Api, key: str, source_id: int) -> list[str]:
    try:
        told = api.data_sources.test(source_id)
    except RedashAway as error:
        raise RedashAway(f"{key}: no worker tried to connect", "does a worker serve the queue `queries`?") from error
    except RemoteError as error:
        return [f"{key}: {error}"]
    return [] if told.get("ok") else [f"{key}: Redash can't connect: {told.get('message')}"]


def never_run(seen: Survey) -> list[str]:
    """The queries that the server has no result of: a bootstrap was cut off before it ran them.

    Of one with parameters it cannot be told: Redash keeps only a result of its defaults, and "the last 7 days" is none.
    """
    found = seen.live.found
    return [
        key
        for key, one in seen.wanted.items()
        if one.kind == "query"
        and key in found
        and not one.fields["parameters"]
        and not found[key].raw.get("latest_query_data_id")
    ]

"""The cookie of the page: signed, for a while, and worth nothing once the key or password behind it has changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tts_app.keys import Access, AccessFile
from tts_app.sessions import LASTS_SECONDS, Sessions

PHRASE = "correct horse battery"


class Now:
    def __init__(self) -> None:
        self.seconds = 1_000_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Sessions, str]:
    """Sessions, and a cookie of theirs."""
    file = AccessFile(tmp_path_factory.mktemp("access") / "access.json", cost="2$1$1")
    file.add_user("ann", PHRASE)
    sessions = Sessions(Access(file, pytest.fail), Now())
    return sessions, str(sessions.sign_in("ann", PHRASE))


def test_a_user_and_a_key_sign_in(tmp_path: Path) -> None:
    """A name with its password, or a key in its place, whatever the name."""
    file = AccessFile(tmp_path / "access.json", cost="2$1$1")
    key = file.add_key("newsroom")
    file.add_user("ann", PHRASE)
    sessions = Sessions(Access(file, pytest.fail), Now())

    tokens = [sessions.sign_in(*pair) for pair in (("ann", PHRASE), ("", key), ("ann", "wrong"), ("newsroom", "x"))]

    assert [token and sessions.holder(token) for token in tokens] == ["user:ann", "key:newsroom", None, None]


def test_a_session_ends_with_its_time_and_with_its_password(tmp_path: Path) -> None:
    """After twelve hours; at once when the user is removed, added anew with the same name, or the key is revoked."""
    file, now = AccessFile(tmp_path / "access.json", cost="2$1$1"), Now()
    file.add_user("ann", PHRASE)
    key = file.add_key("newsroom")
    sessions = Sessions(Access(file, pytest.fail), now)
    user, keyed = str(sessions.sign_in("ann", PHRASE)), str(sessions.sign_in("", key))

    now.seconds += LASTS_SECONDS - 1
    assert (sessions.holder(user), sessions.holder(keyed)) == ("user:ann", "key:newsroom")
    file.remove_user("ann")
    file.add_user("ann", PHRASE)
    file.revoke_key("newsroom")
    assert (sessions.holder(user), sessions.holder(keyed)) == (None, None)
    late = str(sessions.sign_in("ann", PHRASE))
    now.seconds += LASTS_SECONDS
    assert sessions.holder(late) is None


@settings(deadline=None)
@given(st.data())
def test_a_changed_cookie_is_worth_nothing(signed: tuple[Sessions, str], data: st.DataObject) -> None:
    """Any other text, and the cookie with one character changed."""
    sessions, valid = signed
    place = data.draw(st.integers(0, len(valid) - 1))
    other = data.draw(st.characters().filter(lambda character: character not in (valid[place], valid[place].upper())))

    assert sessions.holder(valid) == "user:ann"
    assert sessions.holder(valid[:place] + other + valid[place + 1 :]) is None
    assert sessions.holder(data.draw(st.text())) is None


def test_two_services_of_one_host_do_not_share_a_cookie(tmp_path: Path) -> None:
    """Browsers send a host's cookies to all of its ports."""
    names = set()
    for folder in ("a", "b"):
        file = AccessFile(tmp_path / folder / "access.json", cost="2$1$1")
        file.add_key("newsroom")
        names.add(Sessions(Access(file, pytest.fail), Now()).cookie)

    assert len(names) == 2

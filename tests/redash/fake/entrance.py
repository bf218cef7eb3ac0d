"""What comes before there is a key (section 1): the page to sign in, sessions by cookie, and Redash's own command line.

A server is set up from the start, as the other tests want it; `fresh` takes that back, to before anybody was there.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any

from tests.redash.fake.state import Row, State

_FORM = """<form role="form" method="post" name="login">
<input type="hidden" name="csrf_token" value="{token}"/>
<input type="text" name="email" value=""><input type="password" name="password">
</form>"""


@dataclass(frozen=True, slots=True)
class Page:
    """A page, or where it leads; with the session that it leaves behind."""

    status: int
    html: str = ""
    location: str = ""
    session: str = ""


@dataclass(slots=True)
class Entrance:
    """Who may come in with which password."""

    state: State
    has_tables: bool = True
    organizations: list[str] = field(default_factory=lambda: ["default"])
    passwords: dict[str, str] = field(default_factory=dict)
    takes_passwords: bool = True
    logins_left: int = 50
    dies_within: bool = False
    managed: list[list[str]] = field(default_factory=list)
    _sessions: dict[str, Row | None] = field(default_factory=dict)

    def fresh(self, has_tables: bool = True) -> None:
        """As Redash is before its first admin: no organization, no groups, no users."""
        self.has_tables, self.organizations, self.passwords = has_tables, [], {}
        self.state.users.clear()
        self.state.groups.clear()

    def user_of(self, cookie: str) -> Row | None:
        """Whose session a cookie is of."""
        names = dict(part.split("=", 1) for part in cookie.split("; ") if "=" in part)
        return self._sessions.get(names.get("session", ""))

    def login(self, method: str, form: Any, cookie: str) -> Page:
        """The page: its token has to come back with its session."""
        if not self.has_tables:
            return Page(500, "Internal Server Error")
        if not self.organizations:
            return Page(302, location="/setup")
        if self.user_of(cookie):
            return Page(302, location="/")
        if method == "GET":
            token = secrets.token_hex(8)
            self._sessions[token] = None
            return Page(200, _FORM.format(token=token) if self.takes_passwords else "<a>SAML Login</a>", session=token)
        self.logins_left -= 1
        if self.logins_left < 0:
            return Page(429, "Too Many Requests")
        token = form.get("csrf_token", "")
        if f"session={token}" not in cookie or token not in self._sessions:
            return Page(400, "The CSRF token is missing.")
        user = next((row for row in self.state.users.values() if row["email"] == form["email"]), None)
        if user is None or self.passwords.get(user["email"]) != form["password"]:
            return Page(200, _FORM.format(token=token))
        session = secrets.token_hex(8)
        self._sessions[session] = user
        return Page(302, location="/", session=session)

    def manage(self, words: list[str]) -> tuple[int, str]:
        """Redash's command line: exit code and output. `create_root` commits twice; `dies_within` stops it once between."""
        self.managed.append(words)
        match words:
            case ["database", "create_tables"]:
                self.has_tables = True
                return 0, ""
            case ["users", "list"]:
                return 0, "--------------------\n".join(
                    f"Id: {row['id']}\nName: {row['name']}\nEmail: {row['email']}\n"
                    for row in self.state.users.values()
                )
            case ["org", "list"]:
                return 0, "".join(f"Id: 1\nName: {name}\nSlug: {name}\n" for name in self.organizations)
            case ["users", "create_root", email, name, "--password", password]:
                if any(row["email"] == email for row in self.state.users.values()):
                    return 1, f"User [{email}] is already exists."
                self.organizations = ["default"]
                self.state.make_groups()
                died, self.dies_within = self.dies_within, False
                return (137, "Killed") if died else self._create(email, name, password)
            case ["users", "create", email, name, "--admin", "--password", password]:
                return self._create(email, name, password)
            case _:
                return 2, f"Error: No such command: {words}"

    def _create(self, email: str, name: str, password: str) -> tuple[int, str]:
        groups = [self.state.admins["id"], self.state.default["id"]]
        self.state.add_user(name, email, secrets.token_hex(20), groups)
        self.passwords[email] = password
        return 0, f"Creating root user ({email}, {name}) in organization default...\n"

"""Who has signed in at the page: a signed cookie that says who and until when, and nothing kept on the server.

The signature covers the hash of the key or password too: when it is changed or revoked, its sessions end with it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable

from tts_app.keys import PREFIX, Access

LASTS_SECONDS = 12 * 3600
KEY, USER = "key", "user"


class Sessions:
    """Makes and reads the cookie.

    Args:
        access: knows keys and users.
        now: seconds since 1970.
    """

    def __init__(self, access: Access, now: Callable[[], float]) -> None:
        self._access = access
        self._now = now

    @property
    def cookie(self) -> str:
        """The cookie's name: of its own for each access file, since all ports of a host share their cookies."""
        secret = self._access.book.session_secret.encode()
        return f"vox_session_{hashlib.sha256(secret).hexdigest()[:8]}"

    def sign_in(self, name: str, password: str) -> str | None:
        """The cookie's value for a user, or for whoever has an API key and gives it as the password; None: wrong."""
        key_name = self._access.key_name(password) if password.startswith(PREFIX) else None
        if key_name is not None:
            return self._token(KEY, key_name)
        return self._token(USER, name) if self._access.user(name, password) else None

    def holder(self, token: str) -> str | None:
        """`key:NAME` or `user:NAME`, if the cookie is ours, still valid, and they still are in the access file."""
        said, _, signature = token.partition(".")
        try:
            kind, name, expires = bytes.fromhex(said).decode().split("|")
            valid = int(expires) > self._now()
        except ValueError:
            return None
        expected = self._signature(kind, name, expires)
        fits = expected is not None and hmac.compare_digest(signature.encode(), expected.encode())
        return f"{kind}:{name}" if fits and valid else None

    def _token(self, kind: str, name: str) -> str:
        expires = str(int(self._now()) + LASTS_SECONDS)
        said = f"{kind}|{name}|{expires}"
        return f"{said.encode().hex()}.{self._signature(kind, name, expires)}"

    def _signature(self, kind: str, name: str, expires: str) -> str | None:
        book = self._access.book
        held = {(KEY, key.name): key.secret for key in book.keys} | {
            (USER, user.name): user.secret for user in book.users
        }
        if (kind, name) not in held:
            return None
        message = "|".join((kind, name, expires, held[kind, name]))
        return hmac.new(book.session_secret.encode(), message.encode(), hashlib.sha256).hexdigest()

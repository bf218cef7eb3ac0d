"""What a path of this service is, for those who stand in front of the routes."""

from __future__ import annotations

from starlette.types import Scope

PAGE = "/ui"


def route_of(scope: Scope) -> str:
    """The path of a request without the root path in front of it."""
    root: str = scope.get("root_path", "")
    path: str = scope["path"]
    return path[len(root) :] if root and path.startswith(root) else path


def under_page(route: str) -> bool:
    """Whether it belongs to the web page, files and calls of the page included."""
    return route == PAGE or route.startswith(f"{PAGE}/")


def client_of(scope: Scope) -> str:
    """The client whose limits a request counts to: as the door knows it, else its address. Empty: not known."""
    client: str | None = scope.get("state", {}).get("client")
    return client or (scope["client"][0] if scope.get("client") else "")


def signed_in(scope: Scope) -> bool:
    """Whether a request comes from somebody who has signed in, and can sign out."""
    return bool(scope.get("state", {}).get("signed_in"))

"""A proxy before PostgreSQL that cuts the connection around COMMIT (P3)."""

from __future__ import annotations

import selectors
import socket
import threading
from pathlib import Path

_COMMIT = b"Q\x00\x00\x00\x0bCOMMIT\x00"


class Cutter:
    """Listens in a folder as PostgreSQL does, and passes on what comes, to the server in another folder.

    The connection of each COMMIT numbered in `cuts` is cut: before it is passed on, or (`forwarded`) behind it, when the
    server has answered and the client has not heard of it.
    """

    def __init__(self, folder: Path, server: Path, cuts: set[int], *, forwarded: bool) -> None:
        self._server = str(server / ".s.PGSQL.5432")
        self._cuts, self._forwarded = cuts, forwarded
        self.commits = 0
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / ".s.PGSQL.5432"))
        self._listener.listen()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _serve(self) -> None:
        """One connection after another: the loader has one."""
        while True:
            try:
                client = self._listener.accept()[0]
            except OSError:
                return
            with client, socket.socket(socket.AF_UNIX) as server, selectors.DefaultSelector() as ready:
                server.connect(self._server)
                ready.register(client, selectors.EVENT_READ, server)
                ready.register(server, selectors.EVENT_READ, client)
                while all(self._passed_on(key.fileobj, key.data, server) for key, _ in ready.select()):
                    pass

    def _passed_on(self, source: object, sink: socket.socket, server: socket.socket) -> bool:
        """Passes on what there is; False where the connection ends here."""
        if not isinstance(source, socket.socket) or not (data := source.recv(65536)):
            return False
        if sink is server and data == _COMMIT:
            self.commits += 1
            if self.commits in self._cuts:
                if self._forwarded:
                    server.sendall(data)
                    server.recv(65536)
                return False
        sink.sendall(data)
        return True

"""A proxy before PostgreSQL or Valkey that can fall silent, as a network does: nothing passes, and nothing is closed."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

from keep4o_site.stack.ports import HOST


class SilentProxy:
    """Passes on what the socket file of a server and its clients say to each other; runs in a thread of its own."""

    def __init__(self, *, server: Path) -> None:
        self._server = server
        self._loop = asyncio.new_event_loop()
        self._may_pass, self._is_over = asyncio.Event(), asyncio.Event()
        self._may_pass.set()
        self._is_up = threading.Event()
        self._writers: list[asyncio.StreamWriter] = []
        self.port = 0

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        thread = threading.Thread(target=self._loop.run_until_complete, args=[self._serve()])
        thread.start()
        try:
            assert self._is_up.wait(5)
            yield
        finally:
            self._loop.call_soon_threadsafe(self._is_over.set)
            thread.join()
            self._loop.close()

    @contextlib.contextmanager
    def silenced(self) -> Iterator[None]:
        self._loop.call_soon_threadsafe(self._may_pass.clear)
        try:
            yield
        finally:
            self._loop.call_soon_threadsafe(self._may_pass.set)

    async def _serve(self) -> None:
        server = await asyncio.start_server(self._connect, HOST, 0)
        self.port = server.sockets[0].getsockname()[1]
        self._is_up.set()
        await self._is_over.wait()
        server.close()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        for writer in self._writers:
            writer.transport.abort()
        await asyncio.gather(*left, return_exceptions=True)
        await asyncio.sleep(0)  # in which the loop closes what was aborted

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        with contextlib.suppress(asyncio.CancelledError):  # at the end
            await self._may_pass.wait()
            from_server, to_server = await asyncio.open_unix_connection(self._server)
            self._writers.append(to_server)
            await asyncio.gather(self._pass_on(reader, to_server), self._pass_on(from_server, writer))

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while said := await reader.read(65536):
                await self._may_pass.wait()
                writer.write(said)
        writer.close()

"""The children of one launcher, in the order of their start; they are watched and stopped together."""

import time
from types import TracebackType
from typing import Self

from keep4o_site.stack.children import Child
from keep4o_site.stack.signals import undisturbed
from keep4o_site.stack.trouble import Trouble
from keep4o_site.stack.warden import Warden

_LOOK_EVERY_S = 0.25


class Family:
    """A context that stops, in reverse order of their start, the children it was given."""

    def __init__(self, *, kept_descriptors: tuple[int, ...] = ()) -> None:
        self.children: list[Child] = []
        self._warden = Warden(kept_descriptors=kept_descriptors)

    def adopt(self, child: Child) -> Child:
        """This function will make the child one of those that are watched and stopped."""
        self._warden.watch(child.process.pid)
        self.children.append(child)
        return child

    def disown(self, child: Child) -> None:
        """This function will forget a child that has been stopped."""
        self._warden.forget(child.process.pid)
        self.children.remove(child)

    def watch(self) -> None:
        """This function will return never: it raises Trouble, naming the child, once one has ended by itself."""
        while True:
            self.require_alive()
            time.sleep(_LOOK_EVERY_S)

    def require_alive(self) -> None:
        for child in self.children:
            if not child.is_alive():
                sentence = f"{child.name} ended unexpectedly, so everything is stopped; its log is {child.program.log}."
                raise Trouble(sentence, details=child.last_lines())

    def stop(self) -> None:
        with undisturbed(hurry=self.kill):
            while self.children:
                self.children[-1].stop()
                self.disown(self.children[-1])
            self._warden.close()

    def kill(self) -> None:
        """This function will end all children at once, where nothing of theirs is worth keeping."""
        for child in reversed(self.children):
            child.kill()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

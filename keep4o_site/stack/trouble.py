"""What may go wrong, in words for the person at the terminal; and the wish to stop."""

import errno
import os

NO_ROOM = "There is no room left on the disk: free some space and start again, nothing is lost."
_NO_ROOM_SIGN = os.strerror(errno.ENOSPC)


class Trouble(Exception):
    """One plain sentence that is printed instead of a traceback; `details` are lines shown below it."""

    def __init__(self, sentence: str, *, details: str = "") -> None:
        if _NO_ROOM_SIGN in details:  # whichever program hit it, this is what to know
            sentence, details = NO_ROOM, ""
        super().__init__(sentence)
        self.details = details
        if details:
            self.add_note(details)  # for the tests, where it does end in a traceback


class Stopped(BaseException):
    """Ctrl-C, a closed terminal or a polite kill. Not an Exception, so that no handler swallows it."""

    def __init__(self, signal_number: int) -> None:
        super().__init__(signal_number)
        self.signal_number = signal_number


def sentence_of_os_error(error: OSError) -> str:
    """This function will say in one sentence what the operating system refused."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return NO_ROOM
    if isinstance(error, PermissionError):
        return f"{error.filename} may not be used by this user: it probably belongs to whoever ran ./run before."
    return f"The system refused: {error.strerror or error} ({error.filename or 'no file named'})."

"""A real SMTP server on loopback that can also refuse, stall and die. It speaks what smtplib needs of RFC 5321."""

import socketserver
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass
class SmtpServer:
    """How the server shall behave, and what it has accepted. Change the fields at any time."""

    port: int = 0
    greeting: str = "220 loopback ready"
    takes_envelopes_whole: bool = True  # PIPELINING is offered
    hangs_up_after_refusal: bool = False
    asks_for_text_of_nobody: bool = False  # DATA is answered with 354 though the recipient was refused
    recipient_answers: dict[str, str] = field(default_factory=dict)  # address -> instead of "250 ok"
    sender_answer: str = "250 ok"
    data_answer: str = "250 accepted"
    text_answers: dict[str, str] = field(default_factory=dict)  # address -> instead of `data_answer`
    farewell_at: str = ""  # MAIL, RCPT, DATA or TEXT: answered with 421 after so many mails on a connection
    mails_per_connection: int = 0
    dies_in_data_of: int = 0  # the connection is cut while the n-th message is read
    dies_after_data_of: int = 0  # the n-th message is stored, and the connection cut before the answer
    dies_after_answer_of: int = 0  # the n-th message is stored and acknowledged, and the connection cut
    tls_certificate: str = ""  # a PEM file with key: STARTTLS is offered
    auth_answer: str = ""  # AUTH is offered, and answered with this
    delay_s: float = 0.0  # before each answer to DATA
    on_message: Callable[[], None] | None = None  # called once the next message is stored, before its answer
    connections: int = 0
    begun: int = 0  # messages whose DATA began
    announced: int = 0  # envelopes that were there before the text before them was answered
    accepted: list[EmailMessage] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    message_arrived: threading.Event = field(default_factory=threading.Event)

    @property
    def recipients(self) -> list[str]:
        return [str(mail["To"]) for mail in self.accepted]

    @property
    def message_ids(self) -> list[str]:
        return [str(mail["Message-ID"]) for mail in self.accepted]


class _HangUp(Exception):
    """The server closes the connection without another word."""


class _Conversation(socketserver.StreamRequestHandler):
    server: "_Listener"
    is_encrypted = False
    has_sender = False
    has_recipient = False
    recipient = ""
    taken = 0

    def handle(self) -> None:
        state = self.server.state
        with state.lock:
            state.connections += 1
        self._say(state.greeting)
        try:
            while line := self.rfile.readline():
                self._answer(line.decode().strip())
        except (_HangUp, ConnectionError):
            return

    def _answer(self, line: str) -> None:
        state = self.server.state
        verb = line.split(" ", 1)[0].upper()
        self._say_farewell_at(verb)
        if verb == "QUIT":
            self._say("221 bye")
            raise _HangUp
        if verb == "DATA":
            if self.has_recipient or state.asks_for_text_of_nobody:
                self._take_message()
            else:
                self._say("503 5.5.1 nobody to send it to")
        elif verb == "EHLO":
            self._offer()
        elif verb == "STARTTLS":
            self._encrypt()
        elif verb == "AUTH":
            self._say(state.auth_answer)
        elif verb == "RCPT":
            self.recipient = line[line.index("<") + 1 : line.index(">")]
            answer = state.recipient_answers.get(self.recipient, "250 ok")
            self.has_recipient = self.has_sender and answer.startswith("2")
            self._say(answer if self.has_sender else "503 5.5.1 from nobody")
            if state.hangs_up_after_refusal and not self.has_recipient:
                raise _HangUp
        else:
            answer = state.sender_answer if verb == "MAIL" else "250 ok"
            self.has_sender, self.has_recipient = verb == "MAIL" and answer.startswith("2"), False
            self._say(answer)

    def _say_farewell_at(self, moment: str) -> None:
        state = self.server.state
        if moment == state.farewell_at and self.taken >= state.mails_per_connection:
            self._say("421 4.7.0 enough of one connection")

    def _offer(self) -> None:
        state = self.server.state
        offers = ["loopback"]
        offers += ["STARTTLS"] if state.tls_certificate and not self.is_encrypted else []
        offers += ["AUTH PLAIN"] if state.auth_answer else []
        offers += ["PIPELINING"] if state.takes_envelopes_whole else []
        for offer in offers[:-1]:
            self._say(f"250-{offer}")
        self._say(f"250 {offers[-1]}")

    def _encrypt(self) -> None:
        self._say("220 go ahead")
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.server.state.tls_certificate)
        try:
            encrypted = context.wrap_socket(self.connection, server_side=True)
        except ssl.SSLError as error:
            raise _HangUp from error
        self.connection, self.is_encrypted = encrypted, True
        self.rfile, self.wfile = encrypted.makefile("rb"), encrypted.makefile("wb", buffering=0)

    def _take_message(self) -> None:
        state = self.server.state
        self._say("354 go on")
        with state.lock:
            state.begun += 1
            if state.begun == state.dies_in_data_of:
                raise _HangUp
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                raise _HangUp
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        time.sleep(state.delay_s)
        self._say_farewell_at("TEXT")
        answer = state.text_answers.get(self.recipient, state.data_answer)
        if answer.startswith("2") and self.has_recipient:
            self._keep(b"".join(lines))
            self.taken += 1
        state.announced += self._has_more()
        self._say(answer)
        if 0 < state.dies_after_answer_of == len(state.accepted):
            raise _HangUp

    def _has_more(self) -> bool:
        self.connection.settimeout(0)
        try:
            return bool(self.rfile.peek(1))  # type: ignore[attr-defined]
        finally:
            self.connection.settimeout(None)

    def _keep(self, content: bytes) -> None:
        state = self.server.state
        with state.lock:
            state.accepted.append(message_from_bytes(content, policy=policy.default))
            dies = len(state.accepted) == state.dies_after_data_of
        state.message_arrived.set()
        if state.on_message is not None:
            called, state.on_message = state.on_message, None
            called()
        if dies:
            raise _HangUp

    def _say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")
        if line.startswith("421"):
            raise _HangUp


class _Listener(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    state: SmtpServer

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that was killed is part of the tests."""


@contextmanager
def running_smtp_server(state: SmtpServer) -> Iterator[SmtpServer]:
    """This function will serve on a free port, or on `state.port` when that is set, until the block ends."""
    with _Listener(("127.0.0.1", state.port), _Conversation) as listener:
        listener.state = state
        state.port = listener.server_address[1]
        thread = threading.Thread(target=lambda: listener.serve_forever(poll_interval=0.02), daemon=True)
        thread.start()
        try:
            yield state
        finally:
            listener.shutdown()
            thread.join()

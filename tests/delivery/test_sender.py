"""One try, against a real HTTP server."""

from __future__ import annotations

import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from standardwebhooks import Webhook

from delivery.errors import DeliveryFailed
from delivery.guard import Guard
from delivery.sender import Sender
from domain.delivery import Endpoint
from tests.delivery.incidents import AT, delivery, endpoint
from tests.delivery.receiver import Answer, Receiver, receiving

GUARD = Guard()


def own(receiver: Receiver) -> Endpoint:
    return endpoint(receiver.url, by_operator=True)


def failure_of(answer: Answer, now: datetime = AT) -> DeliveryFailed:
    with receiving(answer) as receiver:
        to = own(receiver)
        with pytest.raises(DeliveryFailed) as failed:
            Sender(GUARD, 2).send(delivery(to), to, now)
    assert len(receiver.requests) == 1
    return failed.value


def test_the_verifier_of_the_standard_accepts_what_the_receiver_got() -> None:
    with receiving() as receiver:
        to = own(receiver)
        sent = delivery(to)
        assert Sender(GUARD).send(sent, to, datetime.now(UTC)) == 200
    [request] = receiver.requests
    told = Webhook(to.secret).verify(request.body, request.headers)
    assert told["type"] == "incident.opened"
    assert request.body == sent.event.body.encode()
    assert request.path == "/hook"
    assert request.headers["webhook-id"] == sent.event.id
    assert request.headers["content-type"] == "application/json"
    assert request.headers["user-agent"].startswith("Groundswell")


def test_the_id_stays_and_the_time_moves_with_each_try() -> None:
    with receiving(Answer(500)) as receiver:
        to = own(receiver)
        with pytest.raises(DeliveryFailed):
            Sender(GUARD).send(delivery(to), to, AT)
        Sender(GUARD).send(delivery(to), to, AT + timedelta(seconds=7))
    first, second = (request.headers for request in receiver.requests)
    assert first["webhook-id"] == second["webhook-id"]
    assert int(second["webhook-timestamp"]) - int(first["webhook-timestamp"]) == 7
    assert first["webhook-signature"] != second["webhook-signature"]


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_status_from_200_to_299_is_a_success(status: int) -> None:
    with receiving(Answer(status)) as receiver:
        to = own(receiver)
        assert Sender(GUARD).send(delivery(to), to, AT) == status


@pytest.mark.parametrize("status", [300, 304, 400, 401, 404, 418, 500, 599])
def test_any_other_status_is_a_failure_worth_another_try(status: int) -> None:
    failed = failure_of(Answer(status))
    assert (failed.status, failed.permanent, failed.gone, failed.slow_down_until) == (
        status,
        False,
        False,
        None,
    )


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status: int) -> None:
    with receiving() as elsewhere:
        failed = failure_of(Answer(status, {"location": elsewhere.url}))
        assert elsewhere.requests == []
    assert failed.status == status
    assert "redirects are not followed" in failed.why


def test_410_means_never_again() -> None:
    failed = failure_of(Answer(410))
    assert failed.gone
    assert failed.permanent


@pytest.mark.parametrize("status", [429, 502, 503, 504])
@pytest.mark.parametrize(
    ("asked", "pause"),
    [
        ("120", timedelta(minutes=2)),
        ("Sun, 18 Nov 2012 20:15:00 GMT", timedelta(minutes=10)),
        ("Sun, 18 Nov 2012 12:15:00 -0800", timedelta(minutes=10)),
        (None, timedelta(minutes=1)),
        ("soon", timedelta(minutes=1)),
        ("-5", timedelta(minutes=1)),
        ("9" * 30, timedelta(minutes=1)),
        ("²", timedelta(minutes=1)),
    ],
)
def test_a_busy_receiver_gets_the_pause_it_asks_for(status: int, asked: str | None, pause: timedelta) -> None:
    failed = failure_of(Answer(status, {} if asked is None else {"retry-after": asked}))
    assert failed.slow_down_until == AT + pause


@pytest.mark.parametrize("answer", [Answer(silent=True), Answer(drip=0.02)])
def test_a_receiver_that_hangs_or_drips_does_not_hold_a_worker(answer: Answer) -> None:
    with receiving(answer) as receiver:
        to = own(receiver)
        with pytest.raises(DeliveryFailed, match=r"no answer within 0\.3 seconds"):
            Sender(GUARD, 0.3).send(delivery(to), to, AT)


def test_a_name_server_that_hangs_does_not_hold_a_worker() -> None:
    forever = threading.Event()

    def never(*_: object) -> list[tuple[int, int, int, str, tuple[object, ...]]]:
        forever.wait()
        return []

    guard = Guard(resolver=never)
    to = endpoint("https://hooks.example/1")
    with pytest.raises(DeliveryFailed, match="the name server did not answer in time"):
        Sender(guard, 0.2).send(delivery(to), to, AT)
    forever.set()


def test_a_body_without_end_is_not_read_to_its_end() -> None:
    with receiving(Answer(200, {"content-length": "999999999"}, b"x" * 200_000)) as receiver:
        to = own(receiver)
        assert Sender(GUARD, 1).send(delivery(to), to, AT) == 200


def test_a_body_that_never_comes_does_not_undo_a_success() -> None:
    with receiving(Answer(202, {"content-length": "10"}, b"x")) as receiver:
        to = own(receiver)
        assert Sender(GUARD, 1).send(delivery(to), to, AT) == 202


def test_headers_without_end_are_a_failure() -> None:
    failed = failure_of(Answer(200, {"x-long": "x" * 500_000}))
    assert "the connection failed" in failed.why


def test_what_is_no_http_is_a_failure() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def greet() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(100)
                connection.sendall(b"220 mail.example ESMTP\r\n")

        threading.Thread(target=greet, daemon=True).start()
        to = endpoint(f"http://127.0.0.1:{server.getsockname()[1]}/", by_operator=True)
        with pytest.raises(DeliveryFailed, match="the connection failed"):
            Sender(GUARD, 2).send(delivery(to), to, AT)


def test_a_closed_port_and_an_unknown_name_are_failures_worth_another_try() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    unknown = Guard(resolver=_unknown)
    for guard, to in (
        (GUARD, endpoint(f"http://127.0.0.1:{port}/", by_operator=True)),
        (unknown, endpoint("https://hooks.example/")),
        (Guard(resolver=_unspeakable), endpoint("https://hooks.example/")),
    ):
        with pytest.raises(DeliveryFailed) as failed:
            Sender(guard, 2).send(delivery(to), to, AT)
        assert not failed.value.permanent
        assert failed.value.status is None


def _unknown(*_: object) -> list[tuple[int, int, int, str, tuple[object, ...]]]:
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


def _unspeakable(*_: object) -> list[tuple[int, int, int, str, tuple[object, ...]]]:
    raise UnicodeError("label empty or too long")


def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with receiving() as receiver:
        to = own(receiver)
        assert Sender(GUARD).send(delivery(to), to, AT) == 200


def test_a_bad_secret_parks_the_delivery_without_telling_it() -> None:
    to = endpoint("https://hooks.example/1", secret="whsec_c2hvcnQ=")
    with pytest.raises(DeliveryFailed, match="24 to 64 bytes") as failed:
        Sender(GUARD).send(delivery(to), to, AT)
    assert failed.value.permanent
    assert "c2hvcnQ" not in failed.value.why


def test_a_certificate_has_to_be_for_the_name_and_from_somebody_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls, certificate = _own_certificate(tmp_path, "hooks.example")
    with receiving(tls=tls) as receiver:
        port = int(receiver.url.split(":")[2].split("/")[0])
        local = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
        guard = Guard(["127.0.0.1"], resolver=lambda *_: local)
        known, other = endpoint(f"https://hooks.example:{port}/"), endpoint(f"https://other.example:{port}/")
        with pytest.raises(DeliveryFailed, match="CERTIFICATE_VERIFY_FAILED"):
            Sender(guard, 2).send(delivery(known), known, AT)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert Sender(guard, 2).send(delivery(known), known, AT) == 200
        with pytest.raises(DeliveryFailed, match="CERTIFICATE_VERIFY_FAILED"):
            Sender(guard, 2).send(delivery(other), other, AT)


def test_a_receiver_that_never_finishes_the_handshake_does_not_hold_a_worker() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        to = endpoint(f"https://127.0.0.1:{server.getsockname()[1]}/", by_operator=True)
        with pytest.raises(DeliveryFailed, match="no answer within"):
            Sender(GUARD, 0.3).send(delivery(to), to, AT)


def _own_certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, Path]:
    authority = trustme.CA()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(tls)
    trusted = folder / "authority.pem"
    authority.cert_pem.write_to_path(str(trusted))
    return tls, trusted

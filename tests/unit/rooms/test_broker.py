"""Where the broker is found."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import asdict
from pathlib import Path

import pytest

from ipymedia.errors import Reason, RoomError
from ipymedia.rooms.broker import find_broker, find_invited, own_home
from ipymedia.server.broker_file import BrokerFile, find_broker_files, process_created


@pytest.fixture(autouse=True)
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nothing is known of any broker."""
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    for name in ("IPYMEDIA_BROKER", "JPY_PARENT_PID"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def broker_file(**changes: object) -> BrokerFile:
    pid = os.getpid()
    facts = {"pid": pid, "created": process_created(pid), "host": platform.node(), "port": 4711}
    return BrokerFile(**{**facts, "username": "u", "password": "secret", **changes})  # type: ignore[arg-type]


def test_an_address_may_hold_the_login_and_arguments_count_more() -> None:
    broker = find_broker("mqtts://ada:p%40ss@broker.example:8884")
    assert (broker.url, broker.username, broker.password) == ("mqtts://broker.example:8884", "ada", "p@ss")
    assert (broker.host, broker.port, broker.is_encrypted, broker.is_websocket) == (
        "broker.example",
        8884,
        True,
        False,
    )
    broker = find_broker("wss://ada:old@broker.example", username="bob", password="new", ca="/ca.pem")
    assert (broker.username, broker.password, broker.ca) == ("bob", "new", "/ca.pem")
    assert (broker.port, broker.path) == (443, "/mqtt")
    assert find_broker("ws://h/a/b?c=d").path == "/a/b?c=d"
    assert find_broker("mqtt://[::1]").host == "::1"
    assert find_broker("mqtt://h").port == 1883


def test_the_environment_names_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IPYMEDIA_BROKER", "mqtt://u:p@hub.example")
    broker = find_broker()
    assert (broker.url, broker.username, broker.password) == ("mqtt://hub.example", "u", "p")
    assert find_broker("mqtt://other.example").host == "other.example"


def test_no_text_shows_the_password() -> None:
    broker = find_broker("mqtt://ada:hunter2@h")
    assert "hunter2" not in f"{broker!r} {broker}"
    assert "secret" not in repr(broker_file())


@pytest.mark.parametrize(
    "address",
    [
        "broker.example",
        "http://u:hunter2@h",
        "mqtt://",
        "mqtt://u:hunter2@h:port",
        "mqtt://[::1",
        "hunter2@h:1883",
        "mqtt://h:99999",
    ],
)
def test_an_address_that_can_not_be_says_how_to_write_it(address: str) -> None:
    with pytest.raises(RoomError, match="mqtts://broker") as refused:
        find_broker(address)
    assert refused.value.reason is Reason.NO_BROKER
    assert "hunter2" not in str(refused.value)


def test_where_there_is_none_it_says_what_to_set() -> None:
    with pytest.raises(RoomError, match="IPYMEDIA_BROKER") as refused:
        find_broker()
    assert refused.value.reason is Reason.NO_BROKER
    assert "server=" in refused.value.message


def test_the_embedded_one_is_found_by_its_file(runtime: Path) -> None:
    path = broker_file().write()
    assert path.parent == runtime
    if os.name == "posix":
        assert path.stat().st_mode & 0o777 == 0o600
    assert list(runtime.iterdir()) == [path]
    broker = find_broker()
    assert broker.embedded
    assert (broker.url, broker.username, broker.password) == ("mqtt://127.0.0.1:4711", "u", "secret")


def test_an_invite_to_an_embedded_broker_leads_to_no_other(
    runtime: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = own_home()
    with pytest.raises(RoomError, match="under no server with ipymedia's broker") as refused:
        find_invited(home)
    assert refused.value.reason is Reason.NO_BROKER
    broker_file().write()
    assert find_invited(home).embedded
    # Another user, who has a broker too.
    others = runtime / "other"
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(others))
    broker_file().write()
    assert own_home() != home
    with pytest.raises(RoomError, match="another Jupyter server") as refused:
        find_invited(home)
    assert refused.value.reason is Reason.NO_BROKER
    assert "IPYMEDIA_BROKER" in refused.value.message


def test_the_kernels_own_server_comes_first_then_the_newest(monkeypatch: pytest.MonkeyPatch) -> None:
    own, parent = broker_file(), os.getppid()
    other = broker_file(pid=parent, created=process_created(parent), port=4712)
    own.write()
    other.write()
    for first, others in ((own, other), (other, own)):
        monkeypatch.setenv("JPY_PARENT_PID", str(first.pid))
        assert find_broker_files(first.pid) == [first, others]
        assert find_broker().port == first.port
    monkeypatch.setenv("JPY_PARENT_PID", "nonsense")
    newest = max(own.created, other.created)
    # A shell starts its program within one tick of the clock: then either is the newest.
    assert find_broker().port in {one.port for one in (own, other) if one.created == newest}


def test_files_of_servers_that_ended_are_removed_and_those_of_other_machines_left_alone(
    runtime: Path,
) -> None:
    ended = broker_file(created=process_created(os.getpid()) - 100).write()
    assert find_broker_files() == []
    assert not ended.exists()
    elsewhere = broker_file(host="another-machine").write()
    assert find_broker_files() == []
    assert elsewhere.exists()


def test_files_that_others_could_have_written_are_not_believed(runtime: Path) -> None:
    good = broker_file().write()
    content = asdict(broker_file())
    for name, text in [
        ("a", "{"),
        ("b", "[]"),
        ("c", json.dumps({**content, "port": "x"})),
        ("d", " " * 5000),
        ("e", json.dumps({"pid": 1})),
    ]:
        (runtime / f"ipymedia-broker-{name}.json").write_text(text)
    (runtime / "ipymedia-broker-dir.json").mkdir()
    if os.name == "posix":
        (runtime / "ipymedia-broker-link.json").symlink_to(good)
        open_to_all = runtime / "ipymedia-broker-open.json"
        open_to_all.write_text(json.dumps({**content, "port": 1}))
        open_to_all.chmod(0o666)
    assert [one.port for one in find_broker_files()] == [4711]

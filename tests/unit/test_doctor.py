"""What the doctor says of this installation, and of broken ones."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

from ipymedia import doctor
from ipymedia.__main__ import main
from ipymedia.doctor import Finding, as_text, examine


def finding(subject: str) -> Finding:
    return next(found for found in examine() if found.subject == subject)


def without(monkeypatch: pytest.MonkeyPatch, *missing: str, **other: str) -> None:
    """Let the environment seem to lack distributions, or to have other versions of them."""

    def stand_in(name: str) -> str:
        if name in missing:
            raise PackageNotFoundError(name)
        return other.get(name.replace("-", "_"), "") or version(name)

    monkeypatch.setattr(doctor, "version", stand_in)


@pytest.fixture
def config(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The only folder that Jupyter's configuration is read from; switches the proxy on, as its package does."""
    folder = tmp_path / "jupyter_server_config.d"
    folder.mkdir()
    enabled = {"ServerApp": {"jpserver_extensions": {"jupyter_server_proxy": True}}}
    (folder / "jupyter-server-proxy.json").write_text(json.dumps(enabled))
    monkeypatch.setattr("jupyter_core.paths.jupyter_config_path", lambda: [str(tmp_path)])
    return tmp_path


def test_the_environment_of_the_tests_is_well() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "ipymedia", "doctor", "--json"], capture_output=True, text=True, check=False
    )
    findings = {found["subject"]: found for found in json.loads(ran.stdout)}
    assert ran.returncode == 0, ran.stdout
    assert findings["anywidget"]["what"] == version("anywidget")
    assert {"ipykernel", "jupyterlab", "jupyter-server", "PyAV", "front end", "subshells"} <= findings.keys()
    assert findings["socket"]["verdict"] == "fine", findings["socket"]
    for direction in ("decodes", "encodes"):
        assert "h264" in findings[direction]["what"]
        assert "jpeg" in findings[direction]["what"]


def test_text_and_status(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0
    assert "All that is needed works." in capsys.readouterr().out
    without(monkeypatch, "msgspec")
    assert main(["doctor"]) == 1
    said = capsys.readouterr().out
    assert "pip install msgspec" in said
    assert "1 of these must be mended." in said


def test_without_a_command_the_usage_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([])
    assert ended.value.code == 2
    assert "doctor" in capsys.readouterr().err


def test_a_front_end_that_was_not_built(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(doctor, "__file__", str(tmp_path / "doctor.py"))
    found = finding("front end")
    assert found.verdict == "wrong"
    assert "make build" in found.remedy


def test_a_kernel_without_subshells(monkeypatch: pytest.MonkeyPatch) -> None:
    without(monkeypatch, ipykernel="6.29.5")
    assert finding("subshells").verdict == "note"
    assert "ipykernel>=7" in finding("subshells").remedy
    without(monkeypatch, ipykernel="7.1.0", jupyterlab="4.3.9")
    assert "jupyterlab>=4.4" in finding("subshells").remedy
    without(monkeypatch, ipykernel="7.1.0", jupyterlab="4.4.0")
    assert finding("subshells").verdict == "fine"


def test_a_build_of_pyav_without_h264(monkeypatch: pytest.MonkeyPatch) -> None:
    from ipymedia.frames.codec import available

    monkeypatch.setattr(available, "encodable", lambda: ["vp8", "jpeg"])
    assert finding("encodes") == Finding("encodes", "note", "vp8, jpeg", finding("encodes").remedy)
    monkeypatch.setattr(available, "encodable", list)
    assert finding("encodes").verdict == "wrong"


def test_the_proxy_is_switched_on(config: Path) -> None:
    assert finding("socket").verdict == "fine"


def test_the_proxy_is_switched_off(config: Path) -> None:
    off = {"ServerApp": {"jpserver_extensions": {"jupyter_server_proxy": False}}}
    (config / "jupyter_server_config.json").write_text(json.dumps(off))
    assert finding("socket").verdict == "note"
    assert "jupyter server extension enable jupyter_server_proxy" in finding("socket").remedy


def test_a_broken_configuration_is_not_ours_to_report(config: Path) -> None:
    (config / "jupyter_server_config.json").write_text("{")
    assert finding("socket").verdict == "fine"


def test_no_proxy_in_the_servers_environment(monkeypatch: pytest.MonkeyPatch, config: Path) -> None:
    without(monkeypatch, "jupyter-server-proxy")
    found = finding("socket")
    assert found.verdict == "note"
    assert f"{sys.executable} -m pip install jupyter-server-proxy" in found.remedy


def test_a_kernel_whose_server_is_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    without(monkeypatch, "jupyter-server")
    found = finding("socket")
    assert found.verdict == "note"
    assert "another environment" in found.what
    assert "where jupyter-server is installed" in found.remedy


def test_what_is_to_be_done_stands_below_what_was_found() -> None:
    lines = as_text([Finding("a", "fine", "1"), Finding("bb", "wrong", "2", "do this")]).splitlines()
    assert lines[:3] == ["ok    a   1", "FAIL  bb  2", "          → do this"]


def test_a_server_without_a_broker_for_rooms_is_told(monkeypatch: pytest.MonkeyPatch, config: Path) -> None:
    found = finding("rooms")
    assert found.verdict == "note"
    assert "IPYMEDIA_BROKER" in found.what
    assert "jupyter server extension enable ipymedia.server" in found.remedy
    enabled = {"ServerApp": {"jpserver_extensions": {"ipymedia.server": True}}}
    (config / "jupyter_server_config.d/ipymedia.json").write_text(json.dumps(enabled))
    assert finding("rooms").verdict == "fine"
    without(monkeypatch, "jupyter-server")
    assert finding("rooms").verdict == "note"

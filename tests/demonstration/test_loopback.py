"""Known passwords answer nobody but this machine; and a demonstration never touches a real database."""

import pytest

from app.config import Config, MissingSetting


@pytest.mark.parametrize(
    ("headers", "remote", "status"),
    [
        ({"Host": "localhost:8000"}, "127.0.0.1", 200),
        ({"Host": "127.0.0.1:8000"}, "127.0.0.1", 200),
        ({"Host": "[::1]:8000"}, "::1", 200),
        ({"Host": "portal.example"}, "127.0.0.1", 403),
        ({"Host": "localhost"}, "192.0.2.7", 403),
        ({"Host": "localhost"}, "", 403),
    ],
)
def test_only_loopback(world, headers, remote, status):
    answer = world.test_client().get("/healthz", headers=headers, environ_overrides={"REMOTE_ADDR": remote})
    assert answer.status_code == status


def test_a_demonstration_refuses_postgresql(tmp_path):
    with pytest.raises(MissingSetting, match="refuses PostgreSQL"):
        Config({"DEMO": "1", "DATABASE_URL": "postgresql://x/y", "INSTANCE": str(tmp_path)})


def test_without_a_secret_the_portal_does_not_start(tmp_path):
    with pytest.raises(MissingSetting, match="SECRET_KEY is not set"):
        Config({"INSTANCE": str(tmp_path)})


def test_the_secret_of_a_demonstration_is_kept(tmp_path):
    first = Config({"DEMO": "1", "INSTANCE": str(tmp_path)}).SECRET_KEY
    assert first == Config({"DEMO": "1", "INSTANCE": str(tmp_path)}).SECRET_KEY
    assert len(first) > 40


def test_the_password_is_shown_in_the_demonstration_only(world, app):
    from app.demonstration.people import PASSWORD

    assert PASSWORD in world.test_client().get("/login").text
    assert PASSWORD not in app.test_client().get("/login").text

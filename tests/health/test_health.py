"""Signs of life for load balancers: 503 names what is missing, without sign-in."""

from datetime import timedelta

from sqlalchemy import text

from app.core import clock
from app.extensions import db
from app.notifications.models import WorkerSign
from app.notifications.sign import last_sign, sign_of_life


def test_the_process_answers(app, browse):
    answer = browse().get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"ok": True})


def test_ready(app, browse):
    sign_of_life()
    answer = browse().get("/readyz")
    assert (answer.status_code, answer.json["ok"]) == (200, True)


def test_not_ready_when_the_worker_is_silent(app, browse):
    assert browse().get("/readyz").json["worker"] is False  # never seen
    sign_of_life()
    with clock.at(clock.now() + timedelta(seconds=119)):
        assert browse().get("/readyz").status_code == 200
    with clock.at(clock.now() + timedelta(seconds=121)):
        answer = browse().get("/readyz")
    assert (answer.status_code, answer.json["worker"]) == (503, False)


def test_not_ready_when_a_migration_is_missing(app, browse):
    sign_of_life()
    db.session.execute(text("UPDATE alembic_version SET version_num = 'an older one'"))
    db.session.commit()
    answer = browse().get("/readyz")
    assert (answer.status_code, answer.json["migrations"], answer.json["worker"]) == (503, False, True)


def test_one_sign_for_all_workers(app):
    sign_of_life()
    first = last_sign()
    sign_of_life()
    assert last_sign() >= first
    assert db.session.scalar(db.select(db.func.count()).select_from(WorkerSign)) == 1

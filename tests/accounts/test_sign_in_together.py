"""Many people sign in while others write: nobody hears that the database is locked."""

import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask.testing import FlaskClient

from app.core.operation import housekeeping
from app.extensions import db
from app.people.models import User
from tests.conftest import SQLITE
from tests.factories.people import make_user
from tests.world import portal_on

PASSWORD = "a long enough password"


@housekeeping
def rename(key, name):
    db.session.get(User, key).name = name


@pytest.fixture
def portal(laid_out, tmp_path):
    from flask_security import hash_password

    shutil.copy(laid_out("sqlite").removeprefix(SQLITE), tmp_path / "together.sqlite")
    app = portal_on(tmp_path / "together.sqlite")
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        people = [make_user(password=hash_password(PASSWORD)) for _ in range(4)]
        app.people = [(user.id, user.email) for user in people]
    return app


def test_signing_in_waits_its_turn(portal):
    def sign_in(number):
        _, email = portal.people[number % 4]
        client = FlaskClient(portal, use_cookies=True)
        return client.post("/login", data={"email": email, "password": PASSWORD}).status_code

    def write(number):
        with portal.app_context():
            rename(portal.people[3][0], f"Name {number}")
        return 302

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: write(n) if n % 2 else sign_in(n), range(48)))
    assert set(answers) <= {302, 303}, answers

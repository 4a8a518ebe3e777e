"""Two people press at the same moment, each on a connection of its own: nobody's words are lost without being told."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from app.consortia import vault
from app.consortia.models import Consortium
from app.core.errors import Changed
from app.extensions import db
from app.people.models import User
from app.proposals.draft_operations import autosave_piece, write_piece
from app.proposals.models import Proposal
from app.proposals.pieces import find_piece
from tests.factories.calls import make_provider
from tests.factories.consortia import make_consortium
from tests.factories.people import make_user
from tests.factories.proposals import write_answer


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def real_app(request, app_on, tmp_path):
    """A database that is not rolled back, so that every thread may have its own connection."""
    url = f"sqlite:///{tmp_path}/race.sqlite"
    if request.param == "postgres":
        url = request.getfixturevalue("own_postgres")
    app = app_on(url)
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def bidder(real_app):
    """Ids of a consortium and of two of its people."""
    with real_app.app_context():
        lead = make_provider()
        people = [make_user(lead).id, make_user(lead).id]
        return make_consortium(lead=lead).id, people


def at_once(app, consortium_id, *acts):
    """Each act as (how, who, piece, words, version): what it answered."""
    barrier = Barrier(len(acts))

    def run(act):
        how, who, key, words, version = act
        with app.app_context():
            consortium, actor = db.session.get_one(Consortium, consortium_id), db.session.get_one(User, who)
            piece = find_piece(consortium, key)
            barrier.wait()
            try:
                how(consortium, piece, words, actor=actor, version=version)
            except Changed:
                return Changed
        return None

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def written(app, consortium_id):
    with app.app_context():
        found = vault.read_all(db.session.get_one(Consortium, consortium_id))
        return {name: value for name, value in found.items() if name != vault.SALT}


def test_the_first_words_of_two_in_one_piece(real_app, bidder):
    """Also the key of the draft is made once: a second one would make the first words unreadable."""
    consortium_id, (one, other) = bidder
    first, second = (write_piece, one, "approach", "One", 0), (write_piece, other, "approach", "Two", 0)
    told = at_once(real_app, consortium_id, first, second)
    assert sorted(told, key=str) == [Changed, None]
    assert written(real_app, consortium_id) == {"answer:approach": "Two" if told[0] else "One"}
    with real_app.app_context():
        assert db.session.scalar(db.select(db.func.count(Proposal.id))) == 1


def test_the_first_words_of_two_in_two_pieces(real_app, bidder):
    consortium_id, (one, other) = bidder
    first, second = (write_piece, one, "approach", "One", 0), (write_piece, other, "team", "Two", 0)
    told = at_once(real_app, consortium_id, first, second)
    assert told == [None, None]
    assert written(real_app, consortium_id) == {"answer:approach": "One", "answer:team": "Two"}


def test_two_windows_of_one_person_that_save_by_themselves(real_app, bidder):
    """Within a sitting nothing is recorded and writers do not wait for each other: the version alone decides."""
    consortium_id, (one, _other) = bidder
    with real_app.app_context():
        consortium = db.session.get_one(Consortium, consortium_id)
        write_answer(consortium, "approach", "Begin", actor=db.session.get_one(User, one))
    acts = [(autosave_piece, one, "approach", words, 1) for words in ("Begin here", "Begin there")]
    told = at_once(real_app, consortium_id, *acts)
    assert sorted(told, key=str) == [Changed, None]
    assert written(real_app, consortium_id) == {"answer:approach": "Begin there" if told[0] else "Begin here"}

import pytest

from app.extensions import db
from app.workspace import queries
from app.workspace.words import WORDS


@pytest.fixture
def waiting(app, browse):
    """The kinds that wait for a person; every one of them must lead to a page that opens for that person."""
    kinds = {str(label): str(kind) for kind, (label, _endpoint) in WORDS.items()}

    def of(user):
        db.session.refresh(user)
        with app.test_request_context():
            tasks = queries.tasks_of(user, queries.bonds_of(user))
        home = browse(user).get_ok("/home").text
        for task in tasks:
            assert str(task.label) in home and task.url in home
            assert browse(user).get(task.url).status_code == 200, f"{task.label}: {task.url}"
        return {kinds[str(task.label)]: task.count for task in tasks}

    return of

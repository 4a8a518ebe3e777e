"""What tests of the draft of a plan do by hand."""

import io

from werkzeug.datastructures import FileStorage

from app.consortia import vault
from app.core.document import read_document
from app.extensions import db
from app.proposals.content import gather_discount, gather_plan
from tests.browser import soup

PDF = b"%PDF-1.7 A letter of intent of the housing corporation"
TYPING = {"HX-Request": "true"}


def people(consortium):
    return [partner.organisation.people()[0] for partner in consortium.taking_part]


def read(consortium, name):
    db.session.expire_all()  # what the pages did meanwhile
    return vault.read(consortium, name)


def plan(consortium, **options):
    db.session.expire_all()
    return gather_plan(consortium, **options)


def second(consortium):
    db.session.expire_all()
    return gather_discount(consortium)


def at(consortium, key=""):
    return f"/consortia/{consortium.id}/proposal" + (f"/{key}" if key else "")


def type_in(reader, page, data):
    """What the browser sends by itself while somebody types: the form without its button."""
    form = {tag["name"]: tag.get("value", "") for tag in soup(page).select("main form.form input[type=hidden]")}
    return reader.post(page.request.path, data=form | data, headers=TYPING)


def document():
    return read_document(FileStorage(io.BytesIO(PDF), "letter.pdf"))

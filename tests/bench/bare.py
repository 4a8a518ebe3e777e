"""What a page must cost at least with these libraries: the same work, none of the portal's own code.

`/layout` is a page frame without a database; `/list` checks who signed in, asks four indexed questions and shows a
table of fifty rows of eight cells; `/insert` checks a form and lays one row.
"""

import time
import uuid
from typing import Any

from flask import Flask, redirect, render_template, url_for
from flask_login import LoginManager, UserMixin, current_user, login_required
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import FlaskForm
from jinja2 import DictLoader
from sqlalchemy import ForeignKey, Text, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from wtforms import TextAreaField
from wtforms.validators import Length, Optional

LAYOUT = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{% block title %}{% endblock %}</title>
{% for sheet in ("tokens", "base", "components", "print") %}
<link rel="stylesheet" href="{{ url_for('static', filename=sheet ~ '.css') }}">
{% endfor %}</head>
<body><a href="#main">To the content</a>
<header><nav><ul>
{% for label in ("Home", "Bonds", "Calls", "Results", "Inbox", "Profile") %}
<li><a href="{{ url_for('layout', at=label) }}">{{ label }}</a></li>
{% endfor %}
</ul></nav>
{% if current_user.is_authenticated %}<p>{{ current_user.name }}</p>{% endif %}</header>
<main id="main">{% block content %}{% endblock %}</main>
<footer><p>{{ words }}</p></footer></body></html>"""
PAGE = """{% extends "layout.html" %}
{% block title %}Page{% endblock %}
{% block content %}<h1>Page</h1>
{% for part in range(24) %}<section><h2>{{ part }}</h2><p>{{ words }} {{ words }}</p></section>{% endfor %}
{% endblock %}"""
LIST = """{% extends "layout.html" %}
{% block title %}List{% endblock %}
{% block content %}<h1>{{ count }}, {{ unread }}, {{ mine }}</h1>
<table><thead><tr>{% for n in range(8) %}<th scope="col">Column {{ n }}</th>{% endfor %}</tr></thead><tbody>
{% for row in rows %}<tr>{% for cell in row %}<td class="cell">{{ cell }}</td>{% endfor %}</tr>
{% endfor %}</tbody></table>
{% endblock %}"""
TEMPLATES = {"layout.html": LAYOUT, "page.html": PAGE, "list.html": LIST}
WORDS = "Only what an independent assessor has seen proven is paid, to the cent. " * 2
PERSON = "bare"


class Base(DeclarativeBase):
    pass


db = SQLAlchemy(model_class=Base)


class Person(UserMixin, db.Model):  # type: ignore[name-defined, misc]
    __tablename__ = "bare_person"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]

    def get_id(self) -> str:
        return self.key


class Entry(db.Model):  # type: ignore[name-defined, misc]
    __tablename__ = "bare_entry"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("bare_person.id"), index=True)
    position: Mapped[int] = mapped_column(index=True)
    a: Mapped[str] = mapped_column(Text, default="Consortium of the neighbourhood 0001")
    b: Mapped[str] = mapped_column(Text, default="Lead partner 0001")
    c: Mapped[str] = mapped_column(Text, default="2 of 2 agreed")
    d: Mapped[str] = mapped_column(Text, default="10.00")
    e: Mapped[int] = mapped_column(default=1)
    f: Mapped[int] = mapped_column(default=2)


class EntryForm(FlaskForm):
    """One long text, as the form of a piece of a plan has."""

    answer = TextAreaField(validators=[Optional(), Length(max=20_000)])


def create_app(url: str, rows: int = 1000) -> Flask:
    app = Flask(__name__)
    app.jinja_loader = DictLoader(TEMPLATES)  # type: ignore[assignment]
    app.config.update(SECRET_KEY="only for the bench", SQLALCHEMY_DATABASE_URI=url)
    db.init_app(app)
    signed_in = LoginManager(app)

    @signed_in.user_loader
    def _person(key: str) -> Any:
        return db.session.scalars(select(Person).where(Person.key == key)).one_or_none()

    @app.get("/layout")
    def layout() -> str:
        return render_template("page.html", words=WORDS)

    @app.get("/list")
    @login_required
    def list_() -> str:
        own = Entry.person_id == current_user.id
        columns = (Entry.position, Entry.a, Entry.b, Entry.c, Entry.d, Entry.e, Entry.f, Entry.position)
        return render_template(
            "list.html",
            words=WORDS,
            count=db.session.scalar(select(func.count()).where(own)),
            unread=db.session.scalar(select(func.count()).where(Entry.position == 7)),
            mine=db.session.scalar(select(Entry.a).where(Entry.position == 8)),
            rows=db.session.execute(select(*columns).where(own).order_by(Entry.position).limit(50)).all(),
        )

    @app.route("/insert", methods=["GET", "POST"])
    @login_required
    def insert() -> Any:
        form = EntryForm()
        if not form.validate_on_submit():
            return form.csrf_token()
        db.session.add(Entry(person_id=current_user.id, position=0, a=form.answer.data))
        db.session.commit()
        return redirect(url_for("layout"), 303)

    with app.app_context():
        db.create_all()
        person = Person(key=PERSON, name="Somebody", id=uuid.uuid4())
        db.session.add(person)
        db.session.flush()
        db.session.add_all(Entry(person_id=person.id, position=n + 1) for n in range(rows))
        db.session.commit()
    return app


def sign_in(client: Any) -> None:
    with client.session_transaction() as session:
        session.update(_user_id=PERSON, _fresh=True, at=time.time())

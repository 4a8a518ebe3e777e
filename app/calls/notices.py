from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select

from app.access.actions import Action
from app.calls.changes import shown_side, what_changed
from app.calls.legal import Term
from app.calls.models import Call, Duty, Rectification
from app.calls.question_models import Nota
from app.core.format import day, moment
from app.extensions import db
from app.notifications.notify import Notice, notify
from app.people.models import Membership, Organisation, OrganisationKind, User
from app.programmes.models import Part

LONGEST_IN_MAIL = 200  # characters


def tell_published(call: Call) -> None:
    """All vetted providers on the portal, and the parties of the bond."""

    def words() -> Notice:
        return Notice(
            _("%(bond)s: call for consortia published", bond=call.programme.title),
            [
                _(
                    "The call “%(call)s” asks service providers to form a consortium and hand in one plan.",
                    call=call.title,
                ),
                _("Plans are due by %(deadline)s.", deadline=moment(call.deadline)),
            ],
        )

    readers = vetted_providers() + call.programme.people()
    notify(readers, Action.CALL_PUBLISH, call, words, "calls.show", id=call.id)


def vetted_providers() -> list[User]:
    found = select(User).join(Membership).join(Organisation, Organisation.id == Membership.organisation_id)
    found = found.where(Organisation.kind == OrganisationKind.PROVIDER, Organisation.vetted_at.is_not(None))
    return list(db.session.scalars(found.where(User.active).distinct()))


def tell_rectified(call: Call, rectification: Rectification) -> None:
    """All who are concerned; what becomes of a plan is told to those who make one, and not to who judges it."""
    number = len(call.rectifications)

    def words(bids: bool = False) -> Notice:
        paragraphs = [_("This changed in the call “%(call)s”:", call=call.title), rectification.text]
        paragraphs += [_changed(change) for change in rectification.changes]
        if rectification.deadline_after != rectification.deadline_before:
            paragraphs.append(_("The deadline is now %(deadline)s.", deadline=moment(rectification.deadline_after)))
        if rectification.is_essential and bids:
            paragraphs += [
                _("A plan that was not handed in yet is confirmed again by each partner."),
                _(
                    "A plan that was handed in counts as it is; until the deadline you can withdraw it and hand it in "
                    "anew."
                ),
            ]
        title = _("%(bond)s: rectification %(number)d of the call", bond=call.programme.title, number=number)
        return Notice(title, paragraphs)

    bidding = bidders(call)
    others = [user for user in interested(call) if user not in bidding]
    notify(others, Action.CALL_RECTIFY, call, words, "calls.show", id=call.id)
    notify(bidding, Action.CALL_RECTIFY, call, lambda: words(bids=True), "calls.show", id=call.id)


def _changed(change: dict[str, str]) -> str:
    """Long texts are compared on the page; the notice says where to look."""
    name = what_changed(change)
    if max(len(change["before"]), len(change["after"])) > LONGEST_IN_MAIL:
        return _("%(what)s: changed; the page of the call shows the old and the new text.", what=name)
    before, after = (shown_side(change, side) or "–" for side in ("before", "after"))
    return _("%(what)s: “%(before)s” became “%(after)s”.", what=name, before=before, after=after)


def tell_reminder(call: Call, readers: list[User], term: Term) -> None:
    def words() -> Notice:
        when = moment(term.moment) if term.until is None else _("the end of %(day)s", day=day(term.until))
        return Notice(
            _("%(bond)s: %(term)s %(when)s", bond=call.programme.title, term=term.name, when=when),
            [_("This is a reminder for the call “%(call)s”.", call=call.title)],
        )

    notify(readers, Action.CALL_REMIND, call, words, "calls.show", id=call.id)


def tell_cancelled(call: Call) -> None:
    def words() -> Notice:
        return Notice(
            _("%(bond)s: call cancelled", bond=call.programme.title),
            [
                _("The call “%(call)s” is cancelled. Plans that were handed in stay sealed.", call=call.title),
                _("The reason: %(reason)s", reason=call.cancelled_because),
            ],
        )

    notify(interested(call), Action.CALL_CANCEL, call, words, "calls.show", id=call.id)


def interested(call: Call) -> list[User]:
    """Everybody who follows, everybody in a consortium for the call, and the governments of the bond."""
    return call.followers() + bidders(call) + call.programme.people(Part.GOVERNMENT)


def bidders(call: Call) -> list[User]:
    """People of the organisations that take part in a consortium for the call or are asked to. Consortia stand above
    calls, so their tables are asked by name."""
    consortium, partner = (db.metadata.tables[name] for name in ("consortium", "consortium_partner"))
    inside = select(partner.c.organisation_id).join(consortium, consortium.c.id == partner.c.consortium_id)
    inside = inside.where(consortium.c.call_id == call.id, partner.c.state.in_(["invited", "accepted"]))
    found = select(User).join(Membership).where(Membership.organisation_id.in_(inside), User.active)
    return list(db.session.scalars(found.distinct()))


def tell_closed(call: Call) -> None:
    """The officials who open, and the leading municipality; how many plans there are stays unknown until then."""

    def words() -> Notice:
        return Notice(
            _("%(bond)s: call closed", bond=call.programme.title),
            [
                _("The deadline of the call “%(call)s” has passed.", call=call.title),
                _("Two officials named in the call can now open the plans together."),
            ],
        )

    readers = [member.user for member in call.on_committee(Duty.OPENER)] + call.programme.lead.people()
    notify(readers, Action.CALL_CLOSE, call, words, "calls.show", id=call.id)


def tell_asked(call: Call) -> None:
    """Who answers; who asked is not told."""

    def words() -> Notice:
        return Notice(
            _("%(bond)s: a question about the call", bond=call.programme.title),
            [
                _("A service provider asked a question about the call “%(call)s”.", call=call.title),
                _("Your answer goes to everybody at once, with the next nota."),
            ],
        )

    notify(call.programme.lead.people(), Action.QUESTION_ASK, call, words, "calls.questions", id=call.id)


def tell_nota(nota: Nota) -> None:
    """Everybody who follows, who asked among them, in the same words and at the same moment."""
    call = nota.call

    def words() -> Notice:
        answers = ngettext("It holds %(num)d answer.", "It holds %(num)d answers.", len(nota.entries))
        return Notice(
            _("%(bond)s: nota van inlichtingen %(number)d", bond=call.programme.title, number=nota.number),
            [
                _("Questions about the call “%(call)s” are answered for everybody.", call=call.title) + " " + answers,
                *[text for entry in nota.entries for text in _told(entry)],
                _("Its digest (SHA-256): %(digest)s", digest=nota.digest),
            ],
        )

    notify(call.followers(), Action.NOTA_PUBLISH, nota, words, "calls.nota", id=nota.id)


def _told(entry: dict[str, Any]) -> list[str]:
    asked = [_("Question: %(question)s", question=text) for text in entry["questions"]]
    answer = _("Answer: %(answer)s", answer=entry["answer"])
    if not asked:
        answer = _("Clarification: %(text)s", text=entry["answer"])
    withheld = [_("A part of the question is withheld: %(reason)s", reason=reason) for reason in entry["withheld"]]
    return [*asked, answer, *withheld]

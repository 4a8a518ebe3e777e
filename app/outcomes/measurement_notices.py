"""Who is told of a measurement: the same people as of a claim. No figures leave the portal."""

from collections.abc import Callable, Iterable

from flask_babel import gettext as _

from app.access.actions import Action
from app.core import clock
from app.core.format import day
from app.notifications.notify import Notice, notify
from app.outcomes.answering import answer_until
from app.outcomes.models import Measurement
from app.people.models import User
from app.programmes.models import Part


def tell_submitted(measurement: Measurement) -> None:
    """The assessor, on whose work list it now stands."""

    def words() -> Notice:
        return Notice(
            _("%(bond)s: measurement %(number)s to verify", **_values(measurement)),
            [
                _(
                    "The provider registered what was measured for “%(effect)s” and has its evidence ready.",
                    effect=measurement.effect.name,
                )
            ],
        )

    _tell(measurement, _assessors(measurement), Action.MEASUREMENT_SUBMIT, words)


def tell_measured(measurement: Measurement, actor: User) -> None:
    """The colleagues of who measured it: one of them decides. And the provider whose work it was."""

    def words() -> Notice:
        return Notice(
            _("%(bond)s: measurement %(number)s to verify", **_values(measurement)),
            [
                _(
                    "The assessor measured “%(effect)s”. A second person of the assessor decides on it.",
                    effect=measurement.effect.name,
                )
            ],
        )

    readers = [one for one in (*_assessors(measurement), *measurement.provider.people()) if one.id != actor.id]
    _tell(measurement, readers, Action.MEASUREMENT_SUBMIT, words)


def tell_withdrawn(measurement: Measurement) -> None:
    def words() -> Notice:
        return Notice(
            _("%(bond)s: measurement %(number)s withdrawn", **_values(measurement)),
            [_("The provider took the measurement back.")],
        )

    _tell(measurement, _assessors(measurement), Action.MEASUREMENT_WITHDRAW, words)


def tell_verified(measurement: Measurement) -> None:
    """The provider that registered it."""

    def words() -> Notice:
        return Notice(
            _("%(bond)s: measurement %(number)s verified", **_values(measurement)),
            [_("The assessor found the measurement proven. It counts from the next sign-off.")],
        )

    _tell(measurement, measurement.provider.people(), Action.MEASUREMENT_VERIFY, words)


def tell_rejected(measurement: Measurement) -> None:
    def words() -> Notice:
        reason = measurement.decision_reason.label if measurement.decision_reason else ""
        return Notice(
            _("%(bond)s: measurement %(number)s rejected", **_values(measurement)),
            [
                _("The assessor rejected the measurement: %(reason)s.", reason=reason),
                _("The assessor's own words stand on the page of the measurement."),
            ],
        )

    _tell(measurement, measurement.provider.people(), Action.MEASUREMENT_REJECT, words)


def tell_questioned(measurement: Measurement) -> None:
    last = answer_until(clock.now(), measurement.programme)

    def words() -> Notice:
        return Notice(
            _("%(bond)s: question about measurement %(number)s", **_values(measurement)),
            [
                _("The assessor asks something. Read and answer it on the page of the measurement."),
                _("Answer it by %(day)s; the assessor need not wait longer.", day=day(last)),
            ],
        )

    _tell(measurement, measurement.provider.people(), Action.MEASUREMENT_QUESTION, words)


def tell_answered(measurement: Measurement) -> None:
    def words() -> Notice:
        return Notice(
            _("%(bond)s: answer about measurement %(number)s", **_values(measurement)),
            [_("The provider answered your question.")],
        )

    _tell(measurement, _assessors(measurement), Action.MEASUREMENT_ANSWER, words)


def _values(measurement: Measurement) -> dict[str, str]:
    return {"bond": measurement.programme.title, "number": measurement.number}


def _assessors(measurement: Measurement) -> Iterable[User]:
    return measurement.programme.people(Part.ASSESSOR)


def _tell(measurement: Measurement, readers: Iterable[User], action: Action, words: Callable[[], Notice]) -> None:
    notify(readers, action, measurement, words, "outcomes.show_measurement", id=measurement.id)

"""How a sealed statement tells what was measured of a cohort: the figure, and by what a reader weighs it."""

from flask_babel import gettext as _

from app.core.format import day, exact, money, number
from app.core.pdf import Section
from app.outcomes.basis import points_beside, shows_bp
from app.outcomes.models import Measurement, MeasurementBasis
from app.outcomes.states import ClaimState
from app.outcomes.weighing import doubts_about, said_points


def measured_sections(measurements: list[Measurement]) -> list[Section]:
    """A section per measurement. Each has its source, method and interval, and the difference that groups of this size
    could have shown (domain, sections 4 and 8)."""
    return [_measured(one) for one in measurements]


def _measured(one: Measurement) -> Section:
    told = [(_("Measured on"), day(one.achieved_on)), (_("What was measured"), _value_of(one))]
    if one.basis is not None:
        told += _basis_of(one, one.basis)
    title = _("Measurement %(number)s", number=one.number)
    told.append((_("Finding"), _finding_of(one)))
    if one.decision_words and one.decision_reason is None:
        told.append((_("Why it is proven all the same"), one.decision_words))
    return Section(title=f"{title}: {one.title}", paragraphs=doubts_about(one), facts=told)


def _basis_of(one: Measurement, basis: MeasurementBasis) -> list[tuple[str, str]]:
    shows = shows_bp(basis, one.effect)
    told = [
        (_("Source"), basis.source),
        (_("Compared by"), str(basis.method.label)),
        (_("People in the cohort"), number(basis.people)),
        (_("People in the comparison group"), number(basis.compared) if basis.compared else "–"),
        *_of_group(one, basis),
        (_("95 % interval"), _("%(low)s to %(high)s", low=exact(basis.low), high=exact(basis.high))),
    ]
    if basis.compared:
        least = said_points(shows) if shows else _("cannot be told")
        told.append((_("Smallest difference that groups of this size show"), least))
        told.append((_("Power of the comparison"), _("80 %, two-sided at 5 %, from the published baseline on")))
    return told


def _of_group(one: Measurement, basis: MeasurementBasis) -> list[tuple[str, str]]:
    points = points_beside(one)
    if basis.compared_value is None or points is None:
        return []
    return [
        (_("The same share in the comparison group"), exact(basis.compared_value)),
        (_("Difference found with the comparison group"), _("%(points)s percentage points", points=exact(points))),
    ]


def _finding_of(one: Measurement) -> str:
    if one.decision_reason is not None:
        return _("Rejected: %(reason)s", reason=one.decision_reason.label)
    return _("rejected") if one.state == ClaimState.REJECTED else _("verified")


def _value_of(one: Measurement) -> str:
    """In the words of the page of a measurement."""
    kind = one.effect.kind
    if kind in ("steps", "bands"):
        return _("Measured value: %(value)s", value=exact(one.value))
    if kind == "difference":
        return _(
            "Cohort %(cohort)s: %(treatment)s events, against %(control)s in the comparison group",
            cohort=one.cohort,
            treatment=exact(one.treatment),
            control=exact(one.control),
        )
    if kind == "share":
        return _("Cost avoided: %(amount)s", amount=money(one.avoided_minor, one.programme.currency))
    return _("Number of fees: %(number)s", number=number(one.quantity))

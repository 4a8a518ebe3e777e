"""What each gate is called and what it asks, by its code."""

from flask_babel import lazy_gettext as _l

WORDS = {
    "": (_l("There is something to pay for"), _l("Effects exist, and what they require is there, without a circle.")),
    "grade": (
        _l("Grade A, B or C"),
        _l(
            "A: binary or measured, from a registry, with a counterfactual. B: binary or measured, from a document or "
            "a registry, with a fixed discount or a comparison; a comparison is stricter, since it measures what a "
            "discount assumes. C: a scale or one's own word; that may be reported, never priced, and no official can "
            "override it."
        ),
    ),
    "D1": (
        _l("Who, what, threshold, unit and period are filled in"),
        _l("Words such as “better” or “sufficient” without a threshold fail."),
    ),
    "D2": (
        _l("Two readers agree"),
        _l(
            "Two people, blind to each other, judge at least 10 invented files. They agree on at least nine in "
            "ten, and Cohen's kappa is at least 0.8."
        ),
    ),
    "D3": (
        _l("The evidence is held by somebody other than the service provider"),
        _l("A registry, employer, school, landlord or payroll; one's own word alone fails."),
    ),
    "D4": (
        _l("Day of achievement, evidence window and clock"),
        _l("On which day it is achieved, how many days later evidence may be dated, and what starts it again."),
    ),
    "D5": (
        _l("Baseline"),
        _l("How many of how many people reached it, when, by which source; with Wilson's 95 per cent interval."),
    ),
    "D6": (
        _l("Counterfactual"),
        _l("What it is compared with. None, or a fixed percentage, only with a published deadweight."),
    ),
    "D7": (
        _l("The cohort can show the difference"),
        _l(
            "The expected difference is at least the smallest that two groups of this size show with a power of 80 "
            "per cent, two-sided at 5 per cent; or each effect is paid with a discount instead."
        ),
    ),
    "D8": (_l("Gaming"), _l("The easiest way to reach it without meaning it, and what is done against that.")),
    "D9": (
        _l("Unpaid indicator beside it"),
        _l("The view of the participant, care worker or youth judge: reported, never paid."),
    ),
    "D10": (_l("No double payment"), _l("Neither another row nor a subsidy pays for the same.")),
    "D11": (
        _l("Legal basis and DPIA"),
        _l("The ground on which the data is used (GDPR article 6) and the impact assessment (article 35)."),
    ),
    "C1": (
        _l("The reservations cover every budget year"),
        _l(
            "By a council decision with number and date; in no year, the tail included, may more be asked than is "
            "reserved for it. Intake is spread evenly; each year must stand whatever is most: all effects as early as "
            "possible, all as late as possible, or as expected."
        ),
    ),
    "C2": (
        _l("Only cashable savings are called a return in money"),
        _l("A return in money (terugverdieneffect) is a budget line that falls within the contract."),
    ),
    "C3": (
        _l("A place that is filled again saves no budget"),
        _l("From an occupancy of 95 per cent on, or with a waiting list, a saving is capacity-freeing."),
    ),
    "C4": (
        _l("Who saves and who pays"),
        _l("Where another than the payer saves, a co-payment or a note says so."),
    ),
    "C5": (
        _l("Calendar of payments"),
        _l("Committed, expected and the highest of three courses per year and municipality, beside the reservation."),
    ),
    "C6": (
        _l("Stress"),
        _l("What is paid when nobody, as many as expected, or everybody succeeds, and at the ceiling."),
    ),
}

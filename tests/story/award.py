"""Steps 5 and 6: opened by two, scored by three, awarded with reasons, final after the standstill, signed by all."""

from app.demonstration.award import BETTER, MEETING, MOTIVATION, PAPER, POINTS, REASONS, SIGNING, TEXT
from app.demonstration.people import PASSWORD
from tests.story.person import Person
from tests.story.stage import WHEN, Stage

SCORERS = ("scorer1", "scorer2", "scorer3")


def open_plans(stage: Stage) -> None:
    first, second = stage["government"], stage["hengelo"]
    with stage.at(-165, 14):
        first.open(stage.places["call"])
        first.follow("/calls/*/evaluation", "/calls/*/evaluation/open")
        first.fill({"passphrase": stage.passphrases["hengelo"]}, expect=422)  # nobody opens with another's
        first.fill({"passphrase": stage.passphrases["government"]})
        first.is_refused(f"{stage.places['call']}/evaluation/open", 403)  # two people, not one twice
        assert not first.finds("/opened/*")
        second.open(stage.places["call"])
        second.follow("/calls/*/evaluation", "/calls/*/evaluation/open")
        second.fill({"passphrase": stage.passphrases["hengelo"]})
        assert not second.finds("/opened/*")  # the plans lie open, and nobody reads one before declaring


def screen_plans(stage: Stage) -> None:
    """The officials declare on the names alone, then look whether each plan is complete."""
    with stage.at(-164):
        for name in ("government", "official2", "hengelo"):
            stage[name].open(f"{stage.places['call']}/evaluation")
            stage[name].follow("/evaluations/*/declare")
            stage[name].fill({"has_conflict": "none"})
        official = stage["hengelo"]
        assert len(official.finds("/opened/*")) == 2
        stage["rival"].is_refused(official.finds("/opened/*", "Samen Verder Twente")[0], 404)
        official.follow("/evaluations/*/screening", "/evaluations/*/admit")
        official.fill()
        official.is_at("/evaluations/*/screening")


def score_plans(stage: Stage) -> None:
    for number, name in enumerate(SCORERS):
        scorer = stage[name]
        with stage.at(-163 + number):
            scorer.open(f"{stage.places['call']}/evaluation")
            scorer.follow("/evaluations/*/declare")
            scorer.fill({"has_conflict": "none"})
    for number, name in enumerate(SCORERS):
        scorer = stage[name]
        with stage.at(-160 + number):
            for bidder in POINTS:
                scorer.open(f"{stage.places['call']}/evaluation")
                scorer.follow("/opened/*/score", beside=bidder)
                mark(scorer, bidder, shade=number - 1)
            scorer.follow("/evaluations/*/lock")
            scorer.fill()
            scorer.is_at("/calls/*/evaluation")


def mark(person: Person, bidder: str, shade: int) -> None:
    """Points and a motivation per criterion, in the order of the call; a point more or less on the first."""
    points, words = person.fields("points_"), person.fields("motivation_")
    given = [POINTS[bidder][0] + shade, *POINTS[bidder][1:]]
    person.fill(dict(zip(points, given, strict=True)) | dict(zip(words, MOTIVATION[bidder], strict=True)))


def agree(stage: Stage) -> None:
    with stage.at(-154):
        chair = stage["scorer1"]
        for bidder in POINTS:
            chair.open(f"{stage.places['call']}/evaluation")
            chair.follow("/opened/*/consensus", beside=bidder)
            mark(chair, bidder, shade=0)
        decide = chair.finds("/evaluations/*/meetings")[0].replace("/meetings", "/decide")
        stage["government"].is_refused(decide, 409)  # nothing is decided before quality is frozen
        chair.follow("/evaluations/*/meetings", "/evaluations/*/meetings/record")
        present = [control.value for control in chair.controls("present")]
        chair.fill({"held_on": WHEN.day(-154).isoformat(), "present": present, "summary": MEETING})
        chair.is_at("/evaluations/*/meetings")
    with stage.at(-153):
        official = stage["government"]
        official.open(f"{stage.places['call']}/evaluation")
        official.follow("/evaluations/*/freeze")
        official.fill()
        official.is_at("/calls/*/evaluation")


def award(stage: Stage) -> None:
    official = stage["government"]
    with stage.at(-150):
        official.open(f"{stage.places['call']}/evaluation")
        official.follow("/evaluations/*/reasons")
        words = dict.fromkeys(official.fields("reasons_"), REASONS)
        words |= dict.fromkeys(official.fields("advantage_"), BETTER[0])
        official.fill(words | {"court": "Rechtbank Overijssel, locatie Almelo"})
        letters = official.is_at("/evaluations/*/letters")
        official.is_refused(f"{letters}/review", 403)  # who wrote the reasons does not review them
        second = stage["official2"]
        second.open(letters)
        second.follow("/evaluations/*/letters/review")
        second.sees(REASONS)
        second.sees(BETTER[0])
        second.fill()
        official.open(letters)
        official.follow("/evaluations/*/decide")
        official.fill()
        stage.places["decision"] = official.is_at("/evaluations/*/decision")
        official.sees("Samen Verder Twente")
    for name in ("provider", "partner", "rival"):
        mail = stage.mail_to(name, "award.decide")
        assert REASONS in mail.body, f"{name} is not told why"
        stage[name].open(mail.path)  # lands on the very page
        stage[name].sees(REASONS)
    finalise = stage.places["decision"].replace("/decision", "/finalise")
    with stage.at(-140):
        official.is_refused(finalise, 409)  # within the standstill
    prove(stage)
    with stage.at(-125):
        official.open(stage.places["decision"])
        official.follow("/evaluations/*/finalise")
        official.fill()
        official.is_at("/evaluations/*/decision")


def prove(stage: Stage) -> None:
    """Every partner of the winner hands in its own documents; an official checks them."""
    with stage.at(-135):
        handed_in: set[str] = set()
        for name in ("partner", "provider"):  # each its own; the lead hands in what is left
            person = stage[name]
            person.open(stage.places["decision"])
            person.follow("/evaluations/*/proofs")
            for address in [one for one in person.finds("/proofs/*/hand-in") if one not in handed_in]:
                person.go(address)
                person.fill({"issued_on": WHEN.day(-170).isoformat(), "document": PAPER.content})
                person.is_at("/evaluations/*/proofs")
                handed_in.add(address)
        official = stage["hengelo"]
        official.open(stage.places["decision"])
        official.follow("/evaluations/*/proofs")
        while waiting := official.finds("/proofs/*/check"):
            official.go(waiting[0])
            official.fill({"outcome": "accept"})
        assert len(handed_in) == 6


def sign_agreement(stage: Stage) -> None:
    desk = stage["intermediary"]
    with stage.at(-110):
        desk.open(f"{stage.places['bond']}/agreement")
        desk.follow("/programmes/*/agreement/draft")
        desk.fill({"text": TEXT})
        stage.places["agreement"] = desk.is_at("/agreements/*")
        desk.follow("/agreements/*/offer")
        desk.fill()
    stage["rival"].is_refused(stage.places["agreement"], 404)
    for number, name in enumerate(name for name in SIGNING if name != "assessor2"):  # who recorded nobody signs alone
        with stage.at(-105 + number):
            stage[name].open(stage.places["agreement"])
            stage[name].follow("/agreements/*/sign")
            stage[name].fill({"password": "not-my-password"}, expect=422)
            stage[name].fill({"password": PASSWORD})
            stage[name].is_at("/agreements/*")
    assert not desk.finds("/agreements/*/sign")

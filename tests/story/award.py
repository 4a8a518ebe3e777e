"""Steps 5 and 6: opened by two, scored by three, awarded with reasons, final after the standstill, signed by all."""

from app.demonstration.award import MOTIVATION, POINTS, REASONS, SIGNING, TEXT
from app.demonstration.people import PASSWORD
from tests.story.person import Person
from tests.story.stage import Stage

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
        assert len(second.finds("/opened/*")) == 2
    stage["rival"].is_refused(second.finds("/opened/*", "Samen Verder Twente")[0], 404)


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


def award(stage: Stage) -> None:
    official = stage["government"]
    with stage.at(-150):
        official.open(f"{stage.places['call']}/evaluation")
        official.follow("/evaluations/*/decide")
        official.fill(dict.fromkeys(official.fields("reasons_"), REASONS))
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
    with stage.at(-125):
        official.open(stage.places["decision"])
        official.follow("/evaluations/*/finalise")
        official.fill()
        official.is_at("/evaluations/*/decision")


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
    for number, name in enumerate(SIGNING):
        with stage.at(-105 + number):
            stage[name].open(stage.places["agreement"])
            stage[name].follow("/agreements/*/sign")
            stage[name].fill({"password": "not-my-password"}, expect=422)
            stage[name].fill({"password": PASSWORD})
            stage[name].is_at("/agreements/*")
    assert not desk.finds("/agreements/*/sign")

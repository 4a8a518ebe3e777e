"""What the help to young adults in trouble takes; a consortium sees which of it nobody brings."""

from flask_babel import lazy_gettext as _l

from app.core.flow import Labelled


class Skill(Labelled):
    OUTREACH = "outreach", _l("finding young adults and winning their trust")
    MENTORING = "mentoring", _l("mentoring by one fixed person")
    JOB_COACHING = "job_coaching", _l("job coaching and placement with employers")
    SCHOOL_RETURN = "school_return", _l("the way back to school")
    DEBT_HELP = "debt_help", _l("debt counselling")
    MENTAL_CARE = "mental_care", _l("mental health care")
    ADDICTION_CARE = "addiction_care", _l("addiction care")
    MILD_DISABILITY = "mild_disability", _l("help with a mild intellectual disability")
    FAMILY_WORK = "family_work", _l("work with the family")
    CRIME_PREVENTION = "crime_prevention", _l("prevention of crime and reoffending")
    HOUSING = "housing", _l("homes and help in keeping them")
    EVIDENCE = "evidence", _l("keeping evidence of effects")
    FINANCE = "finance", _l("planning and keeping the money")

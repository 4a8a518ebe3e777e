from collections.abc import Callable

from flask import current_app
from flask_babel import gettext as _
from itsdangerous import URLSafeSerializer
from sqlalchemy import or_, select

from app.access.actions import Action
from app.extensions import db
from app.notifications.notify import Notice, notify, path_for, write_to
from app.people.models import User
from app.pricing.models import MailFollower, PriceTable, TableSubscription
from app.programmes.models import Programme


def tell_submitted(table: PriceTable, submitter: User) -> None:
    """Colleagues at the leading municipality, of whom a second one approves."""

    def words() -> Notice:
        return Notice(
            _("%(bond)s: %(table)s to approve", bond=table.programme.title, table=table.title),
            [
                _("%(name)s asks a second official to read and approve these prices.", name=submitter.name),
                _("After approval they can be published. A published table never changes."),
            ],
        )

    readers = [user for user in table.programme.lead.people() if user.id != submitter.id]
    notify(readers, Action.TABLE_SUBMIT, table, words, "pricing.show", id=table.id)


def tell_returned(table: PriceTable, reason: str) -> None:
    def words() -> Notice:
        return Notice(
            _("%(bond)s: %(table)s returned to draft", bond=table.programme.title, table=table.title),
            [_("The second official asks for a change: %(reason)s", reason=reason)],
        )

    notify(table.programme.lead.people(), Action.TABLE_RETURN, table, words, "pricing.show", id=table.id)


def tell_approved(table: PriceTable) -> None:
    def words() -> Notice:
        return Notice(
            _("%(bond)s: %(table)s approved", bond=table.programme.title, table=table.title),
            [_("A second official approved the prices. The next step is to publish them.")],
        )

    notify(table.programme.lead.people(), Action.TABLE_APPROVE, table, words, "pricing.show", id=table.id)


def tell_published(table: PriceTable, earlier: PriceTable | None) -> None:
    """Every party of the bond, whoever follows its prices, and whoever follows an open call on it."""

    def words() -> Notice:
        paragraphs = [_("The prices per proven effect are public and can no longer change.")]
        if earlier is not None:
            paragraphs.append(
                _("They replace %(earlier)s. Agreements made before keep the table they name.", earlier=earlier.title)
            )
        if table.illustrative:
            paragraphs.append(_("The prices are illustrative: they show how it works, not what is paid."))
        return Notice(_("%(bond)s: %(table)s published", bond=table.programme.title, table=table.title), paragraphs)

    def words_for_followers() -> Notice:
        notice = words()
        notice.paragraphs.append(_("You get this message because you follow these prices or a call of this bond."))
        return notice

    parties = table.programme.people()
    known = {user.id for user in parties}
    followers = [user for user in followers_of(table) if user.id not in known]
    notify(parties, Action.TABLE_PUBLISH, table, words, "pricing.show", id=table.id)
    notify(followers, Action.TABLE_PUBLISH, table, words_for_followers, "pricing.show", id=table.id)
    told = {user.email.lower() for user in [*parties, *followers] if user.email}
    by_mail = db.session.scalars(select(MailFollower).where(MailFollower.programme_id == table.programme_id)).all()
    for follower in by_mail:
        if follower.address not in told:
            _write_to_follower(follower, table, words)


def _write_to_follower(follower: MailFollower, table: PriceTable, words: Callable[[], Notice]) -> None:
    """To a mailbox without an account, with the way to end it."""
    ends = path_for("pricing.unfollow_by_mail", token=ends_following().dumps(follower.id.hex))

    def words_with_end() -> Notice:
        notice = words()
        link = current_app.config["BASE_URL"] + ends
        notice.paragraphs.append(_("You get this mail because you follow these prices. To stop: %(link)s", link=link))
        return notice

    path = path_for("pricing.show", id=table.id)
    write_to(follower.address, follower.locale, Action.TABLE_PUBLISH, table, words_with_end, path)


def ends_following() -> URLSafeSerializer:
    """Signs the link that ends it, which holds as long as the mailbox follows."""
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="unfollow prices")


def ask_to_confirm(programme: Programme, address: str, locale: str, token: str) -> None:
    def words() -> Notice:
        return Notice(
            _("%(bond)s: confirm that you follow the prices", bond=programme.title),
            [
                _("Somebody asked to tell this mailbox of each new version of the prices of this bond."),
                _("Open the link within two days to confirm. Did you not ask for this? Then do nothing."),
            ],
        )

    path = path_for("pricing.confirm_follow", token=token)
    write_to(address, locale, Action.TABLE_SUBSCRIBE, programme, words, path)


def followers_of(table: PriceTable) -> list[User]:
    """Calls stand above this package, so their tables are asked by name: an open call promises these prices."""
    call, follower = db.metadata.tables["call"], db.metadata.tables["follower"]
    subscribed = select(TableSubscription.user_id).where(TableSubscription.programme_id == table.programme_id)
    tendering = select(follower.c.user_id).join(call, call.c.id == follower.c.call_id)
    tendering = tendering.where(call.c.programme_id == table.programme_id, call.c.state == "published")
    return list(db.session.scalars(select(User).where(or_(User.id.in_(subscribed), User.id.in_(tendering)))))

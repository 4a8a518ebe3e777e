from flask_babel import gettext as _

from app.access.actions import Action
from app.board.models import Conversation, Message
from app.notifications.notify import Notice, notify


def tell_written(conversation: Conversation, message: Message) -> None:
    """The people of the other organisation; neither side learns an address of the other."""
    reader = conversation.other_side(message.organisation)
    bond, sender = conversation.call.programme.title, message.organisation.name

    def words() -> Notice:
        return Notice(
            _("%(bond)s: message from %(organisation)s", bond=bond, organisation=sender),
            [
                _("About partners for the call “%(call)s”:", call=conversation.call.title),
                message.text,
                _("Answer on the portal: your mail address is not shown."),
            ],
        )

    notify(reader.people(), Action.CONVERSATION_WRITE, conversation, words, "board.conversation", id=conversation.id)

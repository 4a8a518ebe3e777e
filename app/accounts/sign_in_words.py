"""What the sign-in library says, in our words, so that our catalogue translates it."""


def N_(words: str) -> str:
    """Marks words for translation; the library asks our catalogue when it says them."""
    return words


_WRONG_LINK = N_("This link does not work, or no longer. Ask for a new one.")

MESSAGES = {
    "SECURITY_MSG_" + key: message
    for key, message in {
        "API_ERROR": (N_("This request was not understood."), "error"),
        "GENERIC_AUTHN_FAILED": (N_("This e-mail address and password do not belong together."), "error"),
        "UNAUTHENTICATED": (N_("Sign in to see this page."), "info"),
        "UNAUTHORIZED": (N_("Your part in this bond does not allow this."), "error"),
        "ANONYMOUS_USER_REQUIRED": (N_("You are signed in already."), "info"),
        "LOGIN": (N_("Sign in to see this page."), "info"),
        "INVALID_REDIRECT": (N_("This address leads away from the portal."), "error"),
        "FORGOT_PASSWORD": (N_("Forgot your password?"), "info"),
        "EMAIL_NOT_PROVIDED": (N_("Fill this in."), "error"),
        "INVALID_EMAIL_ADDRESS": (N_("Give an e-mail address, such as name@example.org."), "error"),
        "PASSWORD_NOT_PROVIDED": (N_("Fill this in."), "error"),
        "INVALID_PASSWORD": (N_("This is not your password."), "error"),
        "PASSWORD_IS_THE_SAME": (N_("Choose another password than the one you have."), "error"),
        "RETYPE_PASSWORD_MISMATCH": (N_("The two passwords are not the same."), "error"),
        "USER_DOES_NOT_EXIST": (N_("This e-mail address and password do not belong together."), "error"),
        "DISABLED_ACCOUNT": (N_("This e-mail address and password do not belong together."), "error"),
        "CONFIRMATION_REQUIRED": (N_("This e-mail address and password do not belong together."), "error"),
        "CONFIRMATION_REQUEST": (
            N_("If %(email)s waits to be verified, a mail with a link is on its way."),
            "info",
        ),
        "PASSWORD_RESET_REQUEST": (
            N_("If %(email)s has an account, a mail with a link is on its way. It works for a day."),
            "info",
        ),
        "INVALID_RESET_PASSWORD_TOKEN": (_WRONG_LINK, "error"),
        "PASSWORD_RESET_EXPIRED": (_WRONG_LINK, "error"),
        "PASSWORD_RESET_NO_LOGIN": (N_("Your new password is set. Sign in with it."), "success"),
        "PASSWORD_CHANGE": (N_("Your password is changed."), "success"),
        "EMAIL_CONFIRMED": (N_("Your e-mail address is verified. Sign in."), "success"),
        "ALREADY_CONFIRMED": (N_("Your e-mail address is verified. Sign in."), "info"),
        "INVALID_CONFIRMATION_TOKEN": (_WRONG_LINK, "error"),
        "CONFIRMATION_EXPIRED": (_WRONG_LINK, "error"),
    }.items()
}

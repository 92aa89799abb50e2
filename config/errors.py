"""Why chatflow stops: errors of the environment, each in words a person can act on.

ChatflowError          exit status 1
└── ConfigurationError exit status 2
"""


class ChatflowError(Exception):
    """Something outside the data is wrong; the text says what, where, and what to do about it."""

    exit_status = 1


class ConfigurationError(ChatflowError):
    """A setting, an environment variable or an argument is wrong; the text names it."""

    exit_status = 2

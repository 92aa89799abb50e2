"""Why a query gives no result.

ChatflowError
├── QueryError         the query, or what it asks for
│   └── QueryTimeout…  it took longer than its header allows
└── StoppedError       a signal came first
"""

from config.errors import ChatflowError


class QueryError(ChatflowError):
    """A query cannot be run or drawn; the text holds nothing of what the tables hold."""


class QueryTimeoutError(QueryError):
    """A query took longer than it may."""


class StoppedError(ChatflowError):
    """A signal ended the query; it has left nothing behind."""

from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class Message(_message.Message):
    __slots__ = ("avatar", "fromUsername", "from_user", "to", "content", "contentType", "type", "messageType", "url", "fileSuffix", "file", "messageId", "isFragmented", "fragmentIndex", "totalFragments", "timestamp", "checksum", "ackMessageIds", "isRead", "readTimestamp")
    AVATAR_FIELD_NUMBER: _ClassVar[int]
    FROMUSERNAME_FIELD_NUMBER: _ClassVar[int]
    FROM_USER_FIELD_NUMBER: _ClassVar[int]
    TO_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    CONTENTTYPE_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    MESSAGETYPE_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    FILESUFFIX_FIELD_NUMBER: _ClassVar[int]
    FILE_FIELD_NUMBER: _ClassVar[int]
    MESSAGEID_FIELD_NUMBER: _ClassVar[int]
    ISFRAGMENTED_FIELD_NUMBER: _ClassVar[int]
    FRAGMENTINDEX_FIELD_NUMBER: _ClassVar[int]
    TOTALFRAGMENTS_FIELD_NUMBER: _ClassVar[int]
    TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    CHECKSUM_FIELD_NUMBER: _ClassVar[int]
    ACKMESSAGEIDS_FIELD_NUMBER: _ClassVar[int]
    ISREAD_FIELD_NUMBER: _ClassVar[int]
    READTIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    avatar: str
    fromUsername: str
    from_user: str
    to: str
    content: str
    contentType: int
    type: str
    messageType: int
    url: str
    fileSuffix: str
    file: bytes
    messageId: str
    isFragmented: bool
    fragmentIndex: int
    totalFragments: int
    timestamp: int
    checksum: str
    ackMessageIds: _containers.RepeatedScalarFieldContainer[str]
    isRead: bool
    readTimestamp: int
    def __init__(self, avatar: _Optional[str] = ..., fromUsername: _Optional[str] = ..., from_user: _Optional[str] = ..., to: _Optional[str] = ..., content: _Optional[str] = ..., contentType: _Optional[int] = ..., type: _Optional[str] = ..., messageType: _Optional[int] = ..., url: _Optional[str] = ..., fileSuffix: _Optional[str] = ..., file: _Optional[bytes] = ..., messageId: _Optional[str] = ..., isFragmented: _Optional[bool] = ..., fragmentIndex: _Optional[int] = ..., totalFragments: _Optional[int] = ..., timestamp: _Optional[int] = ..., checksum: _Optional[str] = ..., ackMessageIds: _Optional[_Iterable[str]] = ..., isRead: _Optional[bool] = ..., readTimestamp: _Optional[int] = ...) -> None: ...

"""Files that are handed in: a slot for the content, its arrival and scan, what a licence says, its use, its end."""

from resolvers.uploads.ending import due_uploads, end_uploads, pass_upload_time
from resolvers.uploads.reading import READ_ATTEMPTS, READ_COLUMNS, READ_TOPIC, reading_of, settle_reading
from resolvers.uploads.receiving import (
    ERASE_TOPIC,
    SCAN_TOPIC,
    open_upload,
    receive_upload,
    sending_path,
    settle_upload,
    uploads,
)
from resolvers.uploads.scope import opens, visible_uploads
from resolvers.uploads.using import (
    REFUSALS,
    Found,
    find_document,
    find_documents,
    find_uploads,
    reading_path,
    take_document,
    take_documents,
)

__all__ = [
    "ERASE_TOPIC",
    "READ_ATTEMPTS",
    "READ_COLUMNS",
    "READ_TOPIC",
    "REFUSALS",
    "SCAN_TOPIC",
    "Found",
    "due_uploads",
    "end_uploads",
    "find_document",
    "find_documents",
    "find_uploads",
    "open_upload",
    "opens",
    "pass_upload_time",
    "reading_of",
    "reading_path",
    "receive_upload",
    "sending_path",
    "settle_reading",
    "settle_upload",
    "take_document",
    "take_documents",
    "uploads",
    "visible_uploads",
]

"""Every domain type: frozen, slotted, keyword-only; no behaviour beyond what the data itself says.

Types are named by their moment: `FeedState` is what we knew before a poll, `PollOutcome` what shall be kept after it.
All datetimes are aware and in UTC.
"""

from monitor.core.model.entries import DateFlag, Entry, ParsedFeed, Publisher
from monitor.core.model.feeds import (
    LANGUAGES,
    Failure,
    FailureKind,
    FeedSpec,
    FeedState,
    Fetched,
    FetchResult,
    NotModified,
    Press,
    Redirect,
)
from monitor.core.model.mail import Letter, MailKind, MailState, Outgoing, QueuedMail
from monitor.core.model.polls import Judged, Known, NextPoll, PollOutcome, Recorded
from monitor.core.model.readers import (
    Candidate,
    Coverage,
    Digest,
    DueDigest,
    Item,
    LeftOut,
    Section,
    Subscriber,
    Subscription,
    Window,
)
from monitor.core.model.watch import (
    ActorSpec,
    Evidence,
    Match,
    RuleKind,
    ScopeSpec,
    ScopeWeight,
    Terms,
    Title,
    TopicSpec,
    Verdict,
    WatchSpec,
)

__all__ = [
    "LANGUAGES",
    "ActorSpec",
    "Candidate",
    "Coverage",
    "DateFlag",
    "Digest",
    "DueDigest",
    "Entry",
    "Evidence",
    "Failure",
    "FailureKind",
    "FeedSpec",
    "FeedState",
    "FetchResult",
    "Fetched",
    "Item",
    "Judged",
    "Known",
    "LeftOut",
    "Letter",
    "MailKind",
    "MailState",
    "Match",
    "NextPoll",
    "NotModified",
    "Outgoing",
    "ParsedFeed",
    "PollOutcome",
    "Press",
    "Publisher",
    "QueuedMail",
    "Recorded",
    "Redirect",
    "RuleKind",
    "ScopeSpec",
    "ScopeWeight",
    "Section",
    "Subscriber",
    "Subscription",
    "Terms",
    "Title",
    "TopicSpec",
    "Verdict",
    "WatchSpec",
    "Window",
]

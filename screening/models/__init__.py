"""Round · Feed, FeedRow · Lead, LeadReason: one aggregate a file."""

from .feeds import Feed, FeedRow, FeedState, RowStatus
from .leads import Lead, LeadReason, Source
from .rounds import Round, RoundState

__all__ = ["Feed", "FeedRow", "FeedState", "Lead", "LeadReason", "Round", "RoundState", "RowStatus", "Source"]

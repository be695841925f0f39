"""What these actions refuse."""


class CampaignsError(Exception):
    """Base of the refusals."""


class UnreadableChronology(CampaignsError):
    """The data is not of the documented shape; the message names the place."""


class EventNeedsSource(CampaignsError):
    """No event is public without a source."""


class EventKeyTaken(CampaignsError):
    """The campaign has another event with this key."""

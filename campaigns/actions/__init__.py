"""Every change to a campaign's chronology."""

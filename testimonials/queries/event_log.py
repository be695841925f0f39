"""Whether the history of a story is whole: every entry as it was written, none missing, none added."""

from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter
from uuid import UUID

from testimonials.models import Testimonial, TestimonialEvent
from testimonials.rules.event_log import NO_ENTRY_BEFORE


def faults_of_event_log() -> Iterator[str]:
    """
    This function will name every fault of the log, a sentence each; none means that it is whole.

    A chain alone would not notice that its end was cut off, so the last entry is compared with the story's state.
    """
    states = {
        pk: (status, version) for pk, status, version in Testimonial.objects.values_list("pk", "status", "version")
    }
    entries = TestimonialEvent.objects.order_by("testimonial_id", "number").iterator()
    for testimonial_id, chain in groupby(entries, key=attrgetter("testimonial_id")):
        yield from _faults_of_chain(testimonial_id, list(chain), states.pop(testimonial_id, None))
    for testimonial_id in states:
        yield f"{testimonial_id}: no entry at all"


def _faults_of_chain(
    testimonial_id: UUID, chain: list[TestimonialEvent], state: tuple[str, int] | None
) -> Iterator[str]:
    previous = NO_ENTRY_BEFORE
    for number, entry in enumerate(chain, start=1):
        if entry.number != number:
            yield f"{testimonial_id}: entry {number} is missing"
            return
        if bytes(entry.prev_hash) != previous or bytes(entry.hash) != entry.expected_hash:
            yield f"{testimonial_id}: entry {number} was changed"
        previous = bytes(entry.hash)
    if state is not None and (chain[-1].to_status, chain[-1].version) != state:
        yield f"{testimonial_id}: the last entry is not the story's state"

"""How the cache of all processes does, for the operator's metrics."""

from prometheus_client import CollectorRegistry, Counter

from keep4o_site.page_cache.front import site_pages
from keep4o_site.page_cache.tally import Outcome


def collect_page_cache(registry: CollectorRegistry) -> None:
    """This function will add up what each process has counted; nothing at all while Valkey, which knows, is away."""
    figures = site_pages().add_figures()
    if figures is None:
        return
    what = "Requests for pages by how they were answered: hit and shared from a cache, rendered and passed by Django"
    answers = Counter("keep4o_page_cache_answers", what, ["outcome"], registry=registry)
    for outcome in Outcome:
        answers.labels(outcome=outcome.value).inc(figures.get(outcome.value, 0))

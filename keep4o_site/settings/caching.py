"""The site's own cache of public pages (keep4o_site/page_cache/; docs/decisions/0020)."""

from keep4o_site.env import read_int

# Memory that each web process may fill with pages; 0 turns the cache off, pages and API answers then always come from
# Django. A petition page is 25 KB, 6 KB of it compressed: everything that is public and asked for fits.
PAGE_CACHE_MB = read_int("PAGE_CACHE_MB", default=32)
PAGE_CACHE_MOST_PAGE_BYTES = 1024 * 1024  # a longer answer is made for each who asks

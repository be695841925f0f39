"""
The site's own public cache, in front of Django: what is the same for everybody is rendered once for all readers.

It obeys what each answer says of itself (RFC 9111 and 5861) and knows no page by name. Two levels: the memory of the
process, and Valkey for all processes of all machines. docs/decisions/0020 has the promises and their reasons.
"""

from keep4o_site.page_cache.front import PageCache, site_behind_its_cache

__all__ = ["PageCache", "site_behind_its_cache"]

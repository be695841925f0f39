"""What the demonstration says about itself; on a real site it says nothing."""

from django import template
from django.conf import settings

from keep4o_site.demo.accounts import DEMO_ACCOUNTS, DemoAccount

register = template.Library()


@register.simple_tag
def demo_accounts() -> tuple[DemoAccount, ...]:
    """This function will list the demo accounts in development, and nobody anywhere else."""
    return DEMO_ACCOUNTS if settings.DEVELOPMENT else ()

"""What staff.html needs to know about the visitor; public pages never load it, for it reads the session."""

from django import template
from django.template import Context

from accounts.roles import StaffAreas, areas_of

register = template.Library()


@register.simple_tag(takes_context=True)
def staff_areas(context: Context) -> StaffAreas:
    """This function will tell which staff areas the signed-in visitor may enter, for the navigation."""
    return areas_of(user=context["request"].user)

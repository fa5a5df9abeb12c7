"""Icons from the sprite: ``{% icon "heart" %}``."""

from __future__ import annotations

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

SPRITE = "img/icons.svg"


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """A drawing of the sprite. It is silent unless ``label`` says what it means where no word stands beside it."""
    if label:
        return format_html(
            '<svg class="icon" role="img" aria-label="{}"><use href="{}#i-{}"/></svg>', label, static(SPRITE), name
        )
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#i-{}"/></svg>', static(SPRITE), name)

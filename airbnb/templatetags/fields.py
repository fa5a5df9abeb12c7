"""Form fields as the design asks: the widget tells what describes it, and repeats nothing that its label says."""

from __future__ import annotations

from django import template
from django.forms import BoundField
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def widget(field: BoundField, hint: object = "") -> SafeString:
    """The field's own element, described by its hint and its error (WCAG 1.3.1, 3.3.1), without placeholder text."""
    described = [f"{field.auto_id}_helptext"] if hint and field.auto_id else []
    if field.errors and field.auto_id:
        described.append(f"{field.auto_id}_error")
    field.field.widget.attrs.pop("placeholder", None)
    return field.as_widget(attrs={"aria-describedby": " ".join(described)} if described else {})

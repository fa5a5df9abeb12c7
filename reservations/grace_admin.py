"""The operators' page on which part of a price goes back beyond the terms: chosen, looked at, and then done."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _

from airbnb.accounts.access import current_user
from airbnb.admin import ReadOnlyAdmin
from airbnb.errors import DomainError, Invalid
from airbnb.money import Money
from airbnb.templatetags.money import money
from airbnb.templatetags.texts import in_language
from reservations import services
from reservations.models import Reservation


class GraceForm(forms.Form):
    """A sum for each line of the bill of which something is left, and why."""

    def __init__(self, lines: list[services.GraceLine], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number, each in enumerate(lines):
            if not each.left_minor:
                continue
            left = Money(each.left_minor, each.line["amount"]["currency"])
            self.fields[f"line_{number}"] = forms.IntegerField(
                label=in_language(each.line["label_i18n"]),
                help_text=_("%s is left") % money(left),
                min_value=0,
                max_value=each.left_minor,
                required=False,
            )
        self.fields["reason"] = forms.CharField(label=_("Reason (guest and host read it)"), max_length=300)

    @property
    def sums(self) -> dict[int, int]:
        """Minor units by the number of the line."""
        chosen = {name: value for name, value in self.cleaned_data.items() if name.startswith("line_") and value}
        return {int(name.removeprefix("line_")): value for name, value in chosen.items()}


class GracePage(ReadOnlyAdmin[Reservation]):
    """The part of the reservations' admin that gives something back."""

    change_form_template = "admin/reservations/reservation.html"

    def get_urls(self) -> list[Any]:
        """One page more: what goes back, and why."""
        page = self.admin_site.admin_view(self.grace)
        return [path("<int:pk>/grace/", page, name="reservations_reservation_grace"), *super().get_urls()]

    def grace(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Choose, look at it once more, and do it: the second page's token does it once, however often it comes."""
        row = Reservation.objects.filter(pk=pk).first()
        if row is None or not current_user(request).is_operator:
            raise Http404
        try:
            if request.method == "POST" and "token" in request.POST:
                return self._give(request, row)
            return self._choose(request, row)
        except DomainError as refused:
            self.message_user(request, f"{row.code}: {refused}", messages.WARNING)
            return HttpResponseRedirect(_address(row))

    def _choose(self, request: HttpRequest, row: Reservation) -> HttpResponse:
        form = GraceForm(services.lines_left(row.code), request.POST or None)
        context = {**self.admin_site.each_context(request), "form": form, "row": row, "title": row.code}
        if request.method == "POST" and form.is_valid():
            try:
                preview = services.preview_grace(
                    row.code, current_user(request), form.sums, form.cleaned_data["reason"]
                )
            except Invalid as wrong:
                form.add_error(None, [str(each) for told in wrong.errors.values() for each in told])
            else:
                return render(request, "admin/reservations/grace_shown.html", context | {"preview": preview})
        return render(request, "admin/reservations/grace.html", context, status=422 if form.errors else 200)

    def _give(self, request: HttpRequest, row: Reservation) -> HttpResponse:
        before = row.version
        given = services.give_grace(row.code, current_user(request), request.POST["token"])
        if given.version != before:
            self.log_change(request, given, f"grace: {given.changed_why}")
        self.message_user(request, _("%s: it goes back, and both were told") % row.code, messages.SUCCESS)
        return HttpResponseRedirect(_address(row))


def _address(row: Reservation) -> str:
    return reverse("admin:reservations_reservation_change", args=[row.pk])

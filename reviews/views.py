"""Pages on which guests write about a stay, and authors of either side edit or delete what they wrote."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from airbnb import clock
from airbnb.accounts.access import current_user, guest_page
from airbnb.errors import DomainError, Invalid
from reviews import queries, services
from reviews.forms import AnswerForm, ReviewForm, initial_of
from reviews.models import Review
from reviews.scores import SCORES, Direction

PAGE = ("GET", "HEAD", "POST")


@guest_page
@require_http_methods(PAGE)
def trip_review(request: HttpRequest, code: str) -> HttpResponse:
    """Write about a room and its host after a stay."""
    return write_page(request, code, Direction.GUEST_TO_HOST)


@guest_page
@require_http_methods(("GET", "HEAD"))
def reviews(request: HttpRequest) -> HttpResponse:
    """A guest's reviews: to write, written, and what hosts said."""
    user = current_user(request)
    context = {
        "to_write": queries.to_write(user.pk, Direction.GUEST_TO_HOST),
        "written": queries.written(user.pk, Direction.GUEST_TO_HOST),
        "received": queries.received(user.pk, Direction.HOST_TO_GUEST),
    }
    return render(request, "reviews/list.html", context)


@guest_page
@require_http_methods(PAGE)
def review(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """One review: its author edits it while it is blind, later it is read and answered."""
    facts = _seen(request, review_id)
    author = facts.author_id == current_user(request).pk
    if request.method == "POST":
        if not author:
            raise Http404
        return _edit(request, facts)
    if author and _editable(facts):
        form = ReviewForm(
            Direction(facts.direction),
            initial=initial_of(facts.rating, facts.scores, facts.text, facts.private_note),
        )
        return _form_page(request, form, facts, status=200)
    return _read_page(request, facts, AnswerForm(), status=200)


@guest_page
@require_http_methods(PAGE)
def deletion(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """Ask once, then delete one's own review."""
    facts = _seen(request, review_id)
    user = current_user(request)
    if facts.author_id != user.pk:
        raise Http404
    if request.method != "POST":
        return render(request, "reviews/deletion.html", {"review": facts, "base": _base(facts, user.pk)})
    services.delete_review(author_id=user.pk, review_id=review_id)
    messages.success(request, _("Your review is deleted"))
    return redirect("reviews:list" if facts.direction == Direction.GUEST_TO_HOST else "reviews_host:host_reviews")


@guest_page
@require_POST
def answer(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """Answer a public review about oneself."""
    facts = _seen(request, review_id)
    user = current_user(request)
    if facts.subject_id != user.pk:
        raise Http404
    form = AnswerForm(request.POST)
    if form.is_valid():
        try:
            services.answer_review(author_id=user.pk, review_id=review_id, text=form.cleaned_data["text"])
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Your answer is public"))
            return redirect("reviews:review", review_id=review_id)
    return _read_page(request, facts, form, status=422)


def write_page(request: HttpRequest, code: str, direction: Direction) -> HttpResponse:
    """The form for one side of a stay; whoever has written already is led to what they wrote."""
    user = current_user(request)
    window = services.window_for(reservation=code, user_id=user.pk)
    if window.direction_of(user.pk) is not direction:
        raise Http404
    seen = queries.reviews_of_stay(code, user.pk)
    if seen.own:
        return redirect("reviews:review", review_id=seen.own.id)
    form = ReviewForm(direction, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            written = services.write_review(author_id=user.pk, reservation=code, **form.values())
        except DomainError as error:
            _put(form, error)
        else:
            messages.success(request, _written_words(written))
            return redirect("reviews:review", review_id=written.pk)
    context = {
        "form": form,
        "window": seen.window,
        "may_write": seen.may_write,
        "used": seen.used,
        "base": "base.html" if direction is Direction.GUEST_TO_HOST else "base_host.html",
    }
    return render(request, "reviews/write.html", context, status=422 if form.errors else 200)


def _edit(request: HttpRequest, facts: queries.ReviewFacts) -> HttpResponse:
    form = ReviewForm(Direction(facts.direction), request.POST)
    if form.is_valid():
        try:
            services.modify_review(author_id=current_user(request).pk, review_id=facts.id, **form.values())
        except DomainError as error:
            _put(form, error)
        else:
            messages.success(request, _("Your changes are saved"))
            return redirect("reviews:review", review_id=facts.id)
    return _form_page(request, form, facts, status=422)


def _form_page(request: HttpRequest, form: ReviewForm, facts: queries.ReviewFacts, *, status: int) -> HttpResponse:
    context = {"form": form, "review": facts, "base": _base(facts, current_user(request).pk)}
    return render(request, "reviews/edit.html", context, status=status)


def _read_page(request: HttpRequest, facts: queries.ReviewFacts, form: AnswerForm, *, status: int) -> HttpResponse:
    user = current_user(request)
    context = {
        "review": facts,
        "form": form,
        "scores": [(SCORES[Direction(facts.direction)][name], value) for name, value in facts.scores.items()],
        "is_author": facts.author_id == user.pk,
        "may_answer": facts.subject_id == user.pk and services.may_answer(facts.id),
        "base": _base(facts, user.pk),
    }
    return render(request, "reviews/review.html", context, status=status)


def _seen(request: HttpRequest, review_id: UUID) -> queries.ReviewFacts:
    facts = queries.review_seen_by(current_user(request).pk, str(review_id))
    if facts is None:
        raise Http404
    return facts


def _editable(facts: queries.ReviewFacts) -> bool:
    return facts.state == Review.State.BLIND and clock.now() < facts.closes_at


def _base(facts: queries.ReviewFacts, user_id: int) -> str:
    """The frame of the side on which this person stood."""
    host = facts.subject_id if facts.direction == Direction.GUEST_TO_HOST else facts.author_id
    return "base_host.html" if host == user_id else "base.html"


def _put(form: ReviewForm, error: DomainError) -> None:
    if not isinstance(error, Invalid):
        form.add_error(None, str(error))
        return
    for name, texts in error.errors.items():
        form.add_error(name if name in form.fields else None, [str(text) for text in texts])


def _written_words(written: Any) -> str:
    if written.is_published:
        return _("Both of you have written, so both reviews are public now")
    return _("Your review is in. It becomes public when the other side has written, or when the time is up")

"""Making an account, coming back to it, and the language in which it is read; Django's own views do the rest."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_POST
from django.views.i18n import set_language

from example_project.shop.forms import LoginForm, RegisterForm
from example_project.shop.models import Account


@require_http_methods(["GET", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """A new account, signed in at once."""
    form = RegisterForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = form.save()
        Account.objects.create(user=user, language=get_language() or settings.LANGUAGE_CODE)
        login(request, user)
        return redirect("shop:orders")
    return render(request, "shop/account/register.html", {"form": form})


class Login(LoginView):
    """Coming back: the shop speaks the account's language again."""

    template_name = "shop/account/login.html"
    form_class = LoginForm
    redirect_authenticated_user = True

    def form_valid(self, form: Any) -> HttpResponse:
        """Sign in, and take the account's language along."""
        response = super().form_valid(form)
        account = Account.objects.filter(user=form.get_user()).first()
        if account:
            response.set_cookie(settings.LANGUAGE_COOKIE_NAME, account.language)
        return response


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Switch the language, and remember it for an account."""
    chosen = request.POST.get("language", "")
    if request.user.is_authenticated and chosen in dict(settings.LANGUAGES):
        Account.objects.update_or_create(user=request.user, defaults={"language": chosen})
    return set_language(request)

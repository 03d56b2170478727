"""Addresses of the shop."""

from __future__ import annotations

from django.contrib.auth.views import LogoutView
from django.urls import path

from example_project.shop.views import account, basket, catalogue, checkout, mailbox, orders, staff, texts

app_name = "shop"
urlpatterns = [
    path("", catalogue.home, name="home"),
    path("shelf/<slug:category>/", catalogue.home, name="category"),
    path("things/<slug:slug>/", catalogue.product, name="product"),
    path("pictures/<slug:slug>.svg", catalogue.picture, name="picture"),
    path("basket/", basket.show, name="basket"),
    path("basket/add/<slug:slug>/", basket.add, name="basket-add"),
    path("basket/change/<slug:slug>/", basket.change, name="basket-change"),
    path("checkout/", checkout.address, name="checkout"),
    path("checkout/delivery/", checkout.delivery, name="checkout-delivery"),
    path("orders/", orders.listing, name="orders"),
    path("orders/<str:token>/", orders.show, name="order"),
    path("orders/<str:token>/thank-you/", orders.thanks, name="thanks"),
    path("orders/<str:token>/pay/", orders.pay, name="pay"),
    path("orders/<str:token>/cancel/", orders.cancel, name="cancel"),
    path("orders/<str:token>/return/", orders.send_back, name="return"),
    path("track/<str:number>/", orders.track, name="track"),
    path("account/register/", account.register, name="register"),
    path("account/login/", account.Login.as_view(), name="login"),
    path("account/logout/", LogoutView.as_view(), name="logout"),
    path("account/language/", account.language, name="language"),
    path("staff/", staff.listing, name="staff"),
    path("staff/orders/<int:pk>/", staff.show, name="staff-order"),
    path("staff/orders/<int:pk>/<str:verb>/", staff.act, name="staff-act"),
    path("mailbox/", mailbox.listing, name="mailbox"),
    path("texts/", texts.take, name="texts"),
    path("mailbox/<str:key>/", mailbox.show, name="mail"),
]

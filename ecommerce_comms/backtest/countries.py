"""Which country a currency points at, for public holidays where a history names no country."""

from __future__ import annotations

_COUNTRIES = {
    "AUD": "AU", "BDT": "BD", "BRL": "BR", "CAD": "CA", "CLP": "CL", "CNY": "CN", "COP": "CO", "CZK": "CZ", "DKK": "DK", "GBP": "GB",
    "HUF": "HU", "IDR": "ID", "INR": "IN", "JPY": "JP", "KES": "KE", "KRW": "KR", "LKR": "LK", "MXN": "MX", "MYR": "MY", "NGN": "NG",
    "NOK": "NO", "NPR": "NP", "NZD": "NZ", "PEN": "PE", "PHP": "PH", "PKR": "PK", "PLN": "PL", "RON": "RO", "SEK": "SE", "SGD": "SG",
    "THB": "TH", "TRY": "TR", "USD": "US", "VND": "VN", "ZAR": "ZA",
}
"""Currencies that one country pays in, or one above all others. The euro is none."""


def of_currency(code: str) -> str:
    """ISO 3166 code of the country that pays in ``code`` (ISO 4217); empty if there is no one such country."""
    return _COUNTRIES.get(code, "")

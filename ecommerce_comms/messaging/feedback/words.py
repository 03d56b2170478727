"""The words with which people end, or take up again, the text messages of a shop: as the whole text, in any case.

STOP, STOPALL, UNSUBSCRIBE, CANCEL, END, QUIT, REVOKE and OPTOUT are what carriers in North America want to be heard (CTIA,
"Messaging Principles and Best Practices", 5.1.3; Twilio, "Advanced Opt-Out"); the others are what people in other countries are told
to send, or write by themselves.
"""

from __future__ import annotations

import unicodedata

from ecommerce_comms.conf import conf

STOP, START, HELP = "stop", "start", "help"
_WRITTEN = {
    HELP: "help, info, aide, hilfe, ayuda, मदद, सहायता, সাহায্য",
    START: "start, unstop, restart, resume, शुरू, शुरू करें, चालू, শুরু, শুরু করুন, চালু",
    STOP: """
        stop, stopall, stop all, unsubscribe, cancel, end, quit, revoke, optout, opt out, opt-out, stopp, stoppen,
        arret, arrêt, desabonner, désabonner, desabonnement, désabonnement, abmelden, abbestellen, afmelden,
        alto, parar, baja, cancelar, sair, basta, ferma, avsluta, avbryt, lopeta, rezygnuję, rezygnuje, iptal, ret, стоп, отписаться,
        बंद, बन्द, बंद करो, बंद करें, बन्द करो, बन्द करें, रोको, रोकें, स्टॉप,
        বন্ধ, বন্ধ করো, বন্ধ কর, বন্ধ করুন, থামাও, থামান, থামুন, স্টপ,
        நிறுத்து, நிறுத்தவும், ఆపు, ఆపండి, थांबा, थांबवा, બંધ, ਬੰਦ, بند, بند کرو, بند کریں,
        قف, ايقاف, إيقاف, الغاء, إلغاء, توقف, 停止, 退订, 退訂, 해지, 수신거부
    """,
}


def word_of(text: str) -> str:
    """``stop``, ``start`` or ``help`` if that is all that ``text`` says; else nothing."""
    said = _plain(text)
    if said in _WORDS:
        return _WORDS[said]
    return STOP if said and said in {_plain(str(word)) for word in conf.SMS_STOP_WORDS} else ""


def _plain(text: str) -> str:
    """``text`` in small letters, without what stands around its words: blanks, quotes, full stops, emoji."""
    if len(text) > 100:
        return ""
    narrow = unicodedata.normalize("NFKC", text).casefold()
    visible = "".join(sign for sign in narrow if unicodedata.category(sign) != "Cf" and not "\ufe00" <= sign <= "\ufe0f")
    start, end = 0, len(visible)
    while start < end and _is_around(visible[start]):
        start += 1
    while end > start and _is_around(visible[end - 1]):
        end -= 1
    return " ".join(visible[start:end].split())


def _is_around(sign: str) -> bool:
    return unicodedata.category(sign)[0] in "PSZC"


_WORDS = {_plain(word): meaning for meaning, words in _WRITTEN.items() for word in words.split(",")}

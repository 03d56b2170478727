"""Carriers that many shops use: their names, and the page on which each shows where a parcel is.

Where a page takes no number in its address, or takes it in a form that could not be confirmed, the address is that of the page on
which a customer types it in.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class KnownCarrier:
    """One carrier."""

    name: str
    url: str
    """With ``{number}`` where the tracking number belongs, if anywhere."""
    aliases: tuple[str, ...] = ()


CARRIERS: dict[str, KnownCarrier] = {
    # India
    "indiapost": KnownCarrier("India Post", "https://www.indiapost.gov.in/", ("speed post", "speedpost", "india-post-int")),
    "bluedart": KnownCarrier("Blue Dart", "https://www.bluedart.com/tracking", ("blue dart express",)),
    "delhivery": KnownCarrier("Delhivery", "https://www.delhivery.com/track/package/{number}", ("delhivery surface",)),
    "dtdc": KnownCarrier("DTDC", "https://www.dtdc.in/tracking.asp", ("dtdc express",)),
    "ekart": KnownCarrier("Ekart", "https://ekartlogistics.com/shipmenttrack/{number}", ("ekart logistics",)),
    "xpressbees": KnownCarrier("XpressBees", "https://www.xpressbees.com/shipment/tracking?awbNo={number}"),
    "ecomexpress": KnownCarrier("Ecom Express", "https://ecomexpress.in/tracking/?awb_field={number}", ("ecom",)),
    "shiprocket": KnownCarrier("Shiprocket", "https://shiprocket.co/tracking/{number}"),
    # Bangladesh
    "pathao": KnownCarrier("Pathao", "https://merchant.pathao.com/tracking?consignment_id={number}", ("pathao courier",)),
    "redx": KnownCarrier("RedX", "https://redx.com.bd/track-parcel/?trackingId={number}", ("red x", "redx logistics")),
    "steadfast": KnownCarrier("Steadfast", "https://steadfast.com.bd/t/{number}", ("steadfast courier",)),
    "sundarban": KnownCarrier("Sundarban Courier", "https://sundarbancourierltd.com/", ("sundarban courier service", "scs")),
    "paperfly": KnownCarrier("Paperfly", "https://www.paperfly.com.bd/"),
    # Brazil
    "correios": KnownCarrier(
        "Correios", "https://rastreamento.correios.com.br/app/index.php?objetos={number}", ("brazil correios", "sedex", "correios pac"),
    ),
    "jadlog": KnownCarrier("Jadlog", "https://www.jadlog.com.br/jadlog/tracking?cte={number}"),
    # America
    "usps": KnownCarrier("USPS", "https://tools.usps.com/go/TrackConfirmAction?tLabels={number}", ("united states postal service",)),
    "ups": KnownCarrier("UPS", "https://www.ups.com/track?tracknum={number}", ("united parcel service", "ups ground", "upsdap")),
    "fedex": KnownCarrier("FedEx", "https://www.fedex.com/fedextrack/?trknbr={number}", ("federal express", "fedex default")),
    "ontrac": KnownCarrier("OnTrac", "https://www.ontrac.com/tracking/?number={number}"),
    "canadapost": KnownCarrier(
        "Canada Post", "https://www.canadapost-postescanada.ca/track-reperage/en#/search?searchFor={number}", ("postes canada",),
    ),
    # Europe
    "dhl": KnownCarrier(
        "DHL", "https://www.dhl.com/global-en/home/tracking.html?tracking-id={number}", ("dhl express", "dhl ecommerce", "dhl parcel"),
    ),
    "dhlde": KnownCarrier(
        "DHL Paket", "https://www.dhl.de/de/privatkunden/pakete-empfangen/verfolgen.html?piececode={number}",
        ("dhl germany", "deutsche post", "deutsche post dhl", "dhl paket"),
    ),
    "royalmail": KnownCarrier("Royal Mail", "https://www.royalmail.com/track-your-item#/tracking-results/{number}", ("royal-mail",)),
    "evri": KnownCarrier("Evri", "https://www.evri.com/track/parcel/{number}", ("hermes uk", "myhermes", "hermes world uk")),
    "hermes": KnownCarrier(
        "Hermes", "https://www.myhermes.de/empfangen/sendungsverfolgung/sendungsinformation/#{number}", ("hermes germany", "hermes de"),
    ),
    "dpd": KnownCarrier("DPD", "https://tracking.dpd.de/status/en_US/parcel/{number}", ("dpd germany", "dpd de")),
    "dpduk": KnownCarrier("DPD UK", "https://track.dpd.co.uk/parcels/{number}", ("dpd-uk", "dpd local")),
    "gls": KnownCarrier("GLS", "https://gls-group.eu/track/{number}", ("general logistics systems",)),
    "laposte": KnownCarrier("La Poste", "https://www.laposte.fr/outils/suivre-vos-envois?code={number}", ("colissimo",)),
    "chronopost": KnownCarrier("Chronopost", "https://www.chronopost.fr/tracking-no-cms/suivi-page?listeNumerosLT={number}"),
    "postnl": KnownCarrier("PostNL", "https://jouw.postnl.nl/track-and-trace/{number}"),
    # Australia
    "auspost": KnownCarrier("Australia Post", "https://auspost.com.au/mypost/track/details/{number}", ("australia-post", "startrack")),
}
"""By a short code of our own. Merchants' own carriers go before these."""

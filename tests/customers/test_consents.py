"""The newest word counts, a "no" wins at once, and every "yes" has its proof."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ecommerce_comms.customers import consents
from ecommerce_comms.customers.hashing import address_hash
from ecommerce_comms.customers.models import Consent

pytestmark = pytest.mark.django_db
ASHA = "asha@customers.example"
WORDS = "Yes, mail me your offers."


@pytest.fixture(autouse=True)
def time(clock):
    """The time stands still."""


def agree(address=ASHA, **changes):
    """A yes to advertising at the checkout."""
    return consents.grant(address, **{"topic": "marketing", "where": "checkout", "words": WORDS, **changes})


def refuse(address=ASHA, **changes):
    """A no to advertising."""
    return consents.withdraw(address, **{"topic": "marketing", "where": "preference page", **changes})


@pytest.fixture
def sms(settings):
    """The shop sends text messages too."""
    backends = {"email": "ecommerce_comms.testing.RecordingBackend", "sms": "ecommerce_comms.testing.RecordingBackend"}
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "BACKENDS": backends}


class TestProof:
    def test_consent_keeps_who_when_where_and_which_words(self, clock):
        agree(language="en", evidence={"form": "checkout-7"})
        proof = Consent.objects.get()
        assert (proof.address_hash, proof.at, proof.where, proof.words) == (address_hash(ASHA), clock(), "checkout", WORDS)
        assert (proof.language, proof.evidence, proof.channel, proof.by) == ("en", {"form": "checkout-7"}, "email", "")

    def test_consent_does_not_keep_the_address(self):
        agree()
        assert ASHA not in str(list(Consent.objects.values_list()))

    @pytest.mark.parametrize("missing, named", [({"words": " "}, "words"), ({"where": ""}, "where")])
    def test_consent_without_words_or_place_is_refused(self, missing, named):
        with pytest.raises(ValueError, match=named):
            agree(**missing)
        assert not Consent.objects.exists()

    def test_consent_of_nobody_or_to_nothing_is_refused(self):
        with pytest.raises(ValueError, match="no address"):
            agree(" ")
        with pytest.raises(ValueError, match="'gossip'"):
            agree(topic="gossip")

    def test_nobody_agrees_in_the_future(self, clock):
        with pytest.raises(ValueError, match="future"):
            agree(at=clock() + timedelta(seconds=1))

    def test_naive_moment_is_refused(self, clock):
        for say in (agree, refuse):
            with pytest.raises(ValueError, match="aware"):
                say(at=clock().replace(tzinfo=None))

    def test_import_must_say_when_the_person_agreed(self):
        with pytest.raises(ValueError, match="at"):
            agree(where="Import of the old shop")

    def test_withdrawal_must_say_where(self):
        with pytest.raises(ValueError, match="where"):
            refuse(where="")

    def test_long_places_are_cut_to_what_the_database_takes(self):
        assert len(agree(where="x" * 500, by="y" * 500).where) == 100

    def test_history_tells_all_of_one_address_the_newest_first(self, clock):
        agree()
        agree("ben@customers.example")
        clock.advance(days=1)
        refuse(" ASHA@Customers.example ")
        assert [row.granted for row in consents.history(ASHA)] == [False, True]


class TestNewestWord:
    def test_nobody_is_asked_to_have_agreed_by_silence(self):
        assert not consents.has(ASHA, "marketing")

    def test_yes_is_a_yes_until_the_no(self, clock):
        agree()
        assert consents.has(ASHA, "marketing")
        clock.advance(days=1)
        refuse()
        assert not consents.has(ASHA, "marketing")
        clock.advance(days=1)
        agree()
        assert consents.has(ASHA, "marketing")

    def test_of_one_moment_the_no_counts(self):
        refuse()
        agree()
        assert not consents.has(ASHA, "marketing")

    def test_old_list_does_not_undo_a_newer_no(self, clock):
        refuse()
        clock.advance(days=1)
        agree(where="import of the old shop", at=clock() - timedelta(days=30))
        assert not consents.has(ASHA, "marketing")

    def test_no_holds_although_the_clock_of_the_other_host_was_ahead(self, clock):
        clock.advance(minutes=2)
        agree()
        clock.advance(minutes=-2)
        refuse()
        assert not consents.has(ASHA, "marketing")

    def test_no_from_the_future_holds_now(self, clock):
        agree(at=clock() - timedelta(days=1))
        refuse(at=clock() + timedelta(days=400))
        assert not consents.has(ASHA, "marketing")
        clock.advance(days=1)
        agree()
        assert consents.has(ASHA, "marketing")

    def test_topics_channels_and_people_are_asked_apart(self, sms):
        agree()
        assert not consents.has(ASHA, "service")
        assert not consents.has(ASHA, "marketing", channel="sms")
        assert not consents.has("ben@customers.example", "marketing")

    def test_cyrillic_lookalike_is_somebody_else(self):
        agree()
        assert not consents.has("аsha@customers.example", "marketing")

    def test_phone_is_the_same_however_it_is_written(self, sms):
        agree("+91 98300-12345", channel="sms")
        assert consents.has("+919830012345", "marketing", channel="sms")

    def test_many_addresses_are_asked_with_one_query(self, django_assert_num_queries):
        people = [f"{number}@customers.example" for number in range(50)]
        for person in people[:10]:
            agree(person)
        refuse(people[0])
        with django_assert_num_queries(1):
            found = consents.live({address_hash(person) for person in people} | {""}, "marketing")
        assert found == {address_hash(person) for person in people[1:10]}


class TestChangedKeys:
    def test_what_was_said_under_the_old_key_still_counts(self, settings):
        agree()
        refuse("ben@customers.example")
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a new one", [settings.SECRET_KEY]
        assert consents.has(ASHA, "marketing")
        assert not consents.has("ben@customers.example", "marketing")
        assert consents.history(ASHA).count() == 1

    def test_no_under_the_new_key_ends_the_yes_of_the_old_one(self, settings, clock):
        agree()
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a new one", [settings.SECRET_KEY]
        clock.advance(days=1)
        refuse()
        assert not consents.has(ASHA, "marketing")

    def test_no_by_an_old_link_ends_the_yes_of_the_new_key(self, settings, clock):
        old = address_hash(ASHA)
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a new one", [settings.SECRET_KEY]
        agree()
        clock.advance(days=1)
        consents.withdraw(address_hash=old, topic="marketing", where="one-click")
        assert not consents.has(ASHA, "marketing")

    def test_hash_key_that_is_the_old_secret_keeps_every_word(self, settings):
        refuse()
        agree("ben@customers.example")
        settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "HASH_KEY": settings.SECRET_KEY}
        settings.SECRET_KEY = "a new one"
        assert consents.has("ben@customers.example", "marketing")
        assert consents.history(ASHA).exists()


class TestMistakes:
    """Of the program that calls: told at once, with what there is, and nothing is kept."""

    @pytest.mark.parametrize("ask", [
        lambda: agree(topic="marketting"), lambda: refuse(topic="marketting"), lambda: consents.has(ASHA, "marketting"),
        lambda: consents.live({address_hash(ASHA)}, "marketting"),
    ], ids=["grant", "withdraw", "has", "live"])
    def test_misspelt_topic_is_told_with_those_that_there_are(self, ask):
        with pytest.raises(ValueError, match="no topic 'marketting'; there are service, marketing"):
            ask()
        assert not Consent.objects.exists()

    @pytest.mark.parametrize("ask", [
        lambda: agree(channel="emial"), lambda: refuse(channel="emial"), lambda: consents.has(ASHA, "marketing", channel="emial"),
    ], ids=["grant", "withdraw", "has"])
    def test_misspelt_channel_is_told_with_those_that_there_are(self, ask):
        with pytest.raises(ValueError, match=r"no channel 'emial'; ECOMMERCE_COMMS\[\"BACKENDS\"\] has email"):
            ask()
        assert not Consent.objects.exists()

    @pytest.mark.parametrize("address", [
        "asha", "asha@", "@customers.example", "a b@customers.example", "Asha <asha@customers.example>", "asha@customers..example",
        "a@b.example,c@d.example", "+91 98300 12345", "asha@customers.example\nbcc: x@y.example",
    ])
    @pytest.mark.parametrize("say", [agree, refuse])
    def test_what_is_no_address_is_refused_and_not_quoted(self, say, address):
        with pytest.raises(ValueError, match="no e-mail address") as told:
            say(address)
        assert address not in str(told.value)
        assert not Consent.objects.exists()

    @pytest.mark.parametrize("address", [" asha@customers.example ", "आशा@उदाहरण.भारत", "asha+mugs@localhost", "o'neill@customers.example"])
    def test_unusual_address_is_one(self, address):
        agree(address)
        assert consents.has(address, "marketing")

    def test_channel_that_the_settings_no_longer_name_can_still_be_left_by_an_old_link(self):
        consents.withdraw(address_hash=address_hash("+919830012345"), topic="marketing", where="one-click", channel="sms")
        assert Consent.objects.get().channel == "sms"

    def test_nobody_has_agreed_without_an_address(self):
        assert not consents.has("", "marketing")

"""Web Push: the encryption and signature that browsers and push services expect."""

import base64
import json
import ssl

import pytest
import trustme
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from notifications import web_push
from notifications.failures import Failed, Gone, Refused
from notifications.models import NotificationSettings
from tests.conftest import in_threads
from tests.receivers import BrowserKeys, Receiver, decoded, encoded

# RFC 8291, appendix A
TEXT = b"When I grow up, I want to be a watermelon"
SALT = "DGv6ra1nlYgDCS1FRnbzlw"
SENDER_KEY = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
P256DH = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
BODY = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIg"
    "Dll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)


@pytest.fixture
def push_service(settings, tmp_path, monkeypatch):
    """A push service at 127.0.0.1 whose certificate is trusted."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(bundle)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    receiver = Receiver(context=context)
    settings.PUSH_SERVICES = ("127.0.0.1",)
    monkeypatch.setattr(web_push, "PORTS", (receiver.port,))
    yield receiver
    receiver.close()


def subscription(receiver: Receiver, browser: BrowserKeys) -> web_push.Subscription:
    return web_push.Subscription(f"https://127.0.0.1:{receiver.port}/one", **browser.keys)


def test_a_message_is_encrypted_as_the_rfc_shows():
    key = ec.derive_private_key(int.from_bytes(decoded(SENDER_KEY)), ec.SECP256R1())
    target = web_push.Subscription("https://push.example.net/push/1", P256DH, AUTH)
    assert encoded(web_push.encrypt(TEXT, target, key, decoded(SALT))) == BODY


def test_a_browser_reads_what_the_push_service_gets_and_the_service_only_the_signature(
    push_service,
):
    push_service.status = 201
    browser, key = BrowserKeys(), ec.generate_private_key(ec.SECP256R1())
    message = {"title": "Alarm: Haustür", "body": "Geöffnet." * 60}
    web_push.send(subscription(push_service, browser), key, message)
    [(path, headers, body)] = push_service.requests
    assert path == "/one"
    assert "Haust" not in body.decode("latin-1")
    assert browser.read(body) == message
    assert headers["Urgency"] == "high"
    assert int(headers["TTL"]) > 3600
    token = headers["Authorization"].partition("t=")[2].partition(",")[0]
    signed, _, signature = token.rpartition(".")
    claims = json.loads(base64.urlsafe_b64decode(signed.split(".")[1] + "=="))
    assert claims["aud"] == f"https://127.0.0.1:{push_service.port}"
    raw = decoded(signature)
    numbers = (int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    key.public_key().verify(encode_dss_signature(*numbers), signed.encode(), ec.ECDSA(SHA256()))


@pytest.mark.parametrize(
    ("status", "error"), [(404, Gone), (410, Gone), (429, Failed), (500, Failed), (302, Failed)]
)
def test_the_answers_of_a_push_service(push_service, status, error):
    push_service.status = status
    key = ec.generate_private_key(ec.SECP256R1())
    with pytest.raises(error):
        web_push.send(subscription(push_service, BrowserKeys()), key, {})


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://192.168.1.1/admin",
        "http://fcm.googleapis.com/fcm/send/1",
        "https://fcm.googleapis.com.example.org/1",
        "https://evilnotify.windows.com/1",
        "https://fcm.googleapis.com:8443/1",
        "https://me@fcm.googleapis.com/1",
        "https://fcm.googleapis.com\\@example.org/1",
        "https://example.org\\.push.apple.com/1",
        "https://example.org\\.notify.windows.com/1",
        "https://example.org\t.push.apple.com/1",
        "https://fcm.googleapis.com:99999/1",
        "https://[::1/1",
        "file:///etc/passwd",
        "",
    ],
)
def test_another_address_than_a_push_services_is_refused(endpoint):
    with pytest.raises(Refused):
        web_push.require_push_service(endpoint)


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://fcm.googleapis.com/fcm/send/abc:def",
        "https://updates.push.services.mozilla.com/wpush/v2/abc",
        "https://web.push.apple.com/abc",
        "https://wns2-par02p.notify.windows.com/w/?token=abc",
    ],
)
def test_the_push_services_of_browsers_are_known(endpoint):
    web_push.require_push_service(endpoint)


@pytest.mark.django_db(transaction=True)
def test_all_processes_have_one_key_which_is_encrypted_at_rest(settings):
    keys = in_threads(*[web_push.public_key] * 4)
    assert len(set(keys)) == 1
    assert len(decoded(keys[0])) == 65
    assert "PRIVATE" not in NotificationSettings.load().vapid_key
    settings.SECRET_KEY = "another" * 10
    assert web_push.public_key() not in keys

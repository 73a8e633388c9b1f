"""Malformed requests, handshakes and frames as data, with the expected answers.

Each expects an error (a 4xx, a close code) or a closed connection; never a 5xx, a hang,
or a file that is not the page's. `@ME@` stands for an admin's headers, `@COOKIE@` for the cookies
among them, `@SESSION@` for the name of the session's, `@SENSOR@` and `@TOKEN@` for a sensor's
identifier and token.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass

CLOSED = 0
"""Expected: the connection ends without an answer."""

PAGE = 200
"""Expected of a path: the page, which routes in the browser, and no other file."""


@dataclass(frozen=True)
class Case:
    """Bytes to send on a connection of their own, and the accepted statuses or close codes."""

    group: str
    name: str
    sent: bytes
    expected: tuple[int, ...]


# --- Parts of the cases ---------------------------------------------------------------------------

HOST = b"Host: localhost\r\n"
ME = b"@ME@"
COOKIE = b"@COOKIE@"
JSON = b"Content-Type: application/json"
CHUNKED = b"Transfer-Encoding: chunked"
SIGN_IN = b"POST /api/session/"
ARM_PATH = b"/api/alarm/arm/"
ARM = b"POST " + ARM_PATH
FORM = b"multipart/form-data"


def request(
    line: bytes,
    *headers: bytes,
    body: bytes | None = None,
    host: bytes = HOST,
    version: bytes = b"1.1",
) -> bytes:
    """A request; `line` is METHOD PATH, and headers have no line ends."""
    length = [] if body is None else [b"Content-Length: %d" % len(body)]
    lines = [b"%b HTTP/%b" % (line, version), *headers, *length, b"Connection: close"]
    return lines[0] + b"\r\n" + host + b"\r\n".join(lines[1:]) + b"\r\n\r\n" + (body or b"")


def posted(path: bytes, body: bytes, content_type: bytes = b"application/json") -> bytes:
    """A POST by the admin."""
    return request(b"POST " + path, ME, b"Content-Type: " + content_type, body=body)


def handshake(*changes: bytes, path: bytes = b"/ws/alarm/", method: bytes = b"GET") -> bytes:
    """A WebSocket handshake by the admin; `changes` replace headers of the same name."""
    headers = {
        b"host": b"Host: localhost",
        b"upgrade": b"Upgrade: websocket",
        b"connection": b"Connection: Upgrade",
        b"sec-websocket-version": b"Sec-WebSocket-Version: 13",
        b"sec-websocket-key": b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    }
    for change in changes:
        headers[change.partition(b":")[0].lower()] = change
    lines = [line for line in headers.values() if not line.endswith(b":")]
    return b"\r\n".join([method + b" " + path + b" HTTP/1.1", *lines, ME]) + b"\r\n\r\n"


def frame(
    opcode: int, payload: bytes = b"", *, first: int = 0x80, mask: int = 0x80, length: bytes = b""
) -> bytes:
    """A client's frame with a zero key. `length` replaces the true length in its head."""
    if not length:
        size = len(payload)
        short = bytes([mask | size]) if size < 126 else b""
        length = short or (
            bytes([mask | 126]) + struct.pack(">H", size)
            if size < 2**16
            else bytes([mask | 127]) + struct.pack(">Q", size)
        )
    return bytes([first | opcode]) + length + (b"\0\0\0\0" if mask else b"") + payload


TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


def said(message: object) -> bytes:
    """A text frame with a message."""
    text = message if isinstance(message, str) else json.dumps(message)
    return frame(TEXT, text.encode())


def cases(group: str, expected: tuple[int, ...], **sent: bytes) -> list[Case]:
    """Cases with the same expected answers; underscores in a name stand for spaces."""
    return [Case(group, name.replace("_", " "), data, expected) for name, data in sent.items()]


# --- HTTP ---------------------------------------------------------------------------------------

REQUEST_LINES = [
    *cases(
        "request line",
        (400,),
        nothing_but_noise=b"\x00\xff\x17\x80" * 64 + b"\r\n\r\n",
        TLS_on_a_plain_port=b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"a" * 200,
        HTTP_2_without_TLS=b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        a_method_in_small_letters=request(b"get /api/session/"),
        a_method_of_a_proxy=request(b"CONNECT localhost:443"),
        no_path=request(b"GET"),
        an_asterisk=request(b"OPTIONS *"),
        another_scheme=request(b"GET ftp:/api/session/"),
        a_version_that_is_none=request(b"GET /api/session/", version=b"one"),
        a_version_to_come=request(b"GET /api/session/", version=b"9.9"),
        a_version_of_many_digits=request(b"GET /api/session/", version=b"1." + b"1" * 400),
        a_NUL_in_the_path=request(b"GET /api/\x00/"),
        a_path_that_is_not_ASCII=request(b"GET /api/\xff/"),
        a_path_in_plain_UTF_8=request("GET /api/tür/".encode()),
        a_query_that_is_not_ASCII=request(b"GET /api/events/?kind=\xff", ME),
        a_path_of_40_kB=request(b"GET /api/" + b"x" * 40_000),
        a_query_of_40_kB=request(b"GET /api/events/?kind=" + b"x" * 40_000, ME),
        a_percent_sign_alone=request(b"GET /api/%"),
        a_percent_sign_and_no_digits=request(b"GET /api/%zz/"),
    ),
    *cases(
        "request line",
        (405,),
        a_method_to_look_inside=request(b"TRACE /api/session/"),
        a_file_put=request(b"PUT /index.html", body=b"<h1>mine</h1>"),
        a_form_sent_to_the_page=request(b"POST /", body=b"a=1"),
        an_unknown_method=request(b"BREW /api/alarm/state/", ME),
        a_folder_made=request(b"MKCOL /"),
    ),
    *cases("request line", (PAGE, 400, CLOSED), HTTP_0_9=b"GET /\r\n\r\n"),
    *cases("request line", (408, CLOSED), half_a_line_and_then_nothing=b"GET /api/ses"),
]

SESSION = b"GET /api/session/"
HEADERS = [
    *cases(
        "headers",
        (400,),
        no_host=request(SESSION, host=b""),
        two_hosts=request(SESSION, b"Host: elsewhere.example"),
        an_empty_host=request(SESSION, host=b"Host: \r\n"),
        a_host_that_is_not_ours=request(SESSION, host=b"Host: elsewhere.example\r\n"),
        a_host_with_a_path=request(SESSION, host=b"Host: localhost/evil\r\n"),
        a_host_with_a_user=request(SESSION, host=b"Host: me@localhost\r\n"),
        a_host_with_an_open_bracket=request(SESSION, host=b"Host: [::1\r\n"),
        a_host_with_a_port_of_words=request(SESSION, host=b"Host: localhost:http\r\n"),
        a_host_that_is_not_ASCII=request(SESSION, host=b"Host: \xff\xfe\r\n"),
        a_NUL_in_a_header=request(SESSION, b"X-A: b\x00c"),
        a_space_before_the_colon=request(SESSION, b"Content-Length : 3"),
        a_name_with_a_line_end=request(SESSION, b"X-A\rX-B: c"),
        a_header_of_70_kB=request(SESSION, b"X-Long: " + b"x" * 70_000),
        a_cookie_of_70_kB=request(SESSION, b"Cookie: a=" + b"x" * 70_000),
        headers_by_the_thousand=request(SESSION, *(b"X-%d: y" % n for n in range(5_000))),
        a_length_of_words=request(SIGN_IN, b"Content-Length: much"),
        a_length_below_zero=request(SIGN_IN, b"Content-Length: -1"),
        a_length_with_a_sign=request(SIGN_IN, b"Content-Length: +2"),
        a_length_in_hexadecimal=request(SIGN_IN, b"Content-Length: 0x2"),
        two_lengths=request(SIGN_IN, b"Content-Length: 2", b"Content-Length: 3"),
        two_lengths_in_one=request(SIGN_IN, b"Content-Length: 2, 2"),
        a_length_and_chunks=request(
            SIGN_IN,
            CHUNKED,
            body=b"0\r\n\r\nGET /x HTTP/1.1\r\n",
        ),
        chunks_in_HTTP_1_0=request(SIGN_IN, CHUNKED, version=b"1.0"),
        a_coding_unknown=request(SIGN_IN, b"Transfer-Encoding: gzip, chunked"),
        a_coding_in_disguise=request(SIGN_IN, b"Transfer-Encoding: xchunked"),
        a_chunk_beyond_all_numbers=request(SIGN_IN, JSON, CHUNKED) + b"7fffffffffffffff\r\n",
        a_chunk_size_of_words=request(SIGN_IN, JSON, CHUNKED) + b"five\r\nhello\r\n0\r\n\r\n",
    ),
    *cases(
        "headers",
        (413,),
        a_length_beyond_all_numbers=request(SIGN_IN, b"Content-Length: " + b"9" * 18),
    ),
    # A client cannot set what a trusted proxy sets.
    *cases(
        "headers",
        (404,),
        a_root_path_around_a_limit=request(
            b"POST /api/none/api/session/", b"Daphne-Root-Path: /api/none", JSON, body=b"{}"
        ),
        a_root_path_that_is_not_ASCII=request(b"GET /api/none/", b"Daphne-Root-Path: \xff"),
        a_wish_to_switch_to_HTTP_2=request(
            b"GET /api/none/", b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA"
        ),
        a_method_behind_another=request(b"GET /api/none/", b"X-HTTP-Method-Override: DELETE"),
        a_handshake_outside_of_ws=handshake(b"Connection: Upgrade, close", path=b"/api/none/"),
    ),
    # Ignored, or treated as an unknown cookie.
    *cases(
        "headers",
        (403,),
        a_session_that_is_none=request(b"GET /api/alarm/state/", b"Cookie: @SESSION@=" + b"x" * 32),
        a_session_with_a_NUL=request(
            b"GET /api/alarm/state/", b'Cookie: @SESSION@="\\000' + b"x" * 31 + b'"'
        ),
        a_session_that_is_not_ASCII=request(
            b"GET /api/alarm/state/", b"Cookie: @SESSION@=\xff\xfe" + b"x" * 30
        ),
        a_session_of_7_kB=request(b"GET /api/alarm/state/", b"Cookie: @SESSION@=" + b"x" * 7_000),
        a_token_of_CSRF_of_7_kB=request(
            ARM, COOKIE, b"X-CSRFToken: " + b"x" * 7_000, JSON, body=b"{}"
        ),
        an_origin_of_another_site=request(
            ARM, ME, JSON, b"Origin: http://elsewhere.example", body=b"{}"
        ),
        an_origin_of_no_site=request(ARM, ME, JSON, b"Origin: null", body=b"{}"),
        an_origin_that_is_none=request(ARM, ME, JSON, b"Origin: http://[", body=b"{}"),
        a_log_in_from_another_site=request(
            SIGN_IN,
            b"Origin: http://elsewhere.example",
            JSON,
            body=b'{"username": "a", "password": "b"}',
        ),
    ),
    *cases(
        "headers",
        (404,),
        an_address_that_lies=request(b"GET /api/none/", b"X-Forwarded-For: ' OR 1=1 --"),
        a_language_of_7_kB=request(b"GET /api/none/", b"Accept-Language: " + b"x," * 3_500),
        an_agent_that_is_not_ASCII=request(b"GET /api/none/", b"User-Agent: \xff\xfe"),
        an_expectation_unknown=request(b"GET /api/none/", b"Expect: the worst"),
        a_kind_that_there_is_none_of=request(b"GET /api/none/", b"Accept: image/none;q=x"),
    ),
    *cases(
        "headers",
        (400, 404),
        an_agent_that_paints=request(b"GET /api/none/", b"User-Agent: \xff\xfe\x1b[2J"),
    ),
    *cases(
        "headers",
        (400, 416, PAGE),
        ranges_by_the_hundred=request(
            b"GET /", b"Range: bytes=" + b",".join(b"%d-" % n for n in range(800))
        ),
        a_range_backwards=request(b"GET /", b"Range: bytes=9-1"),
        a_date_that_is_none=request(b"GET /", b"If-Modified-Since: yesterday"),
    ),
]

BODIES = [
    *cases(
        "bodies",
        (400,),
        no_JSON=posted(ARM_PATH, b"mode=away"),
        half_of_a_JSON=posted(ARM_PATH, b'{"mode": "aw'),
        nothing=posted(ARM_PATH, b""),
        a_list=posted(ARM_PATH, b"[]"),
        a_number=posted(ARM_PATH, b"7"),
        null=posted(ARM_PATH, b"null"),
        not_a_number=posted(ARM_PATH, b'{"mode": NaN}'),
        infinity=posted(b"/api/settings/", b'{"siren_duration": Infinity}').replace(
            b"POST", b"PATCH"
        ),
        a_number_too_large=posted(b"/api/settings/", b'{"siren_duration": 1e999}').replace(
            b"POST", b"PATCH"
        ),
        a_number_of_9_000_digits=posted(
            b"/api/settings/", b'{"siren_duration": ' + b"9" * 9_000 + b"}"
        ).replace(b"POST", b"PATCH"),
        brackets_30_000_deep=posted(ARM_PATH, b"[" * 30_000),
        objects_10_000_deep=posted(ARM_PATH, b'{"a":' * 10_000),
        a_text_that_is_not_UTF_8=posted(ARM_PATH, b'{"mode": "\xff\xfe"}'),
        half_of_a_surrogate=posted(
            b"/api/sensors/", rb'{"name": "\ud800", "kind": "door", "modes": ["away"]}'
        ),
        a_NUL_in_a_name=posted(b"/api/sensors/", rb'{"name": "a\u0000b", "kind": "door"}'),
        a_NUL_in_a_user_name=posted(b"/api/session/", rb'{"username": "\u0000", "password": "x"}'),
        half_of_a_surrogate_as_password=posted(
            b"/api/session/", rb'{"username": "admin", "password": "\udfff"}'
        ),
        a_name_of_60_kB=posted(
            b"/api/sensors/", b'{"name": "' + b"x" * 60_000 + b'", "kind": "door"}'
        ),
        a_mode_that_is_a_list=posted(ARM_PATH, b'{"mode": [["away"]]}'),
        a_mode_that_is_an_object=posted(ARM_PATH, b'{"mode": {"$ne": 1}}'),
        a_bypass_of_no_sensor=posted(ARM_PATH, b'{"mode": "away", "bypass": [99999999]}'),
        a_bypass_beyond_all_numbers=posted(
            ARM_PATH, b'{"mode": "away", "bypass": [99999999999999999999]}'
        ),
        a_bypass_by_the_thousand=posted(
            ARM_PATH, b'{"mode": "away", "bypass": [' + b"1," * 9_999 + b"1]}"
        ),
        a_form_without_a_boundary=posted(ARM_PATH, b"--x\r\n", FORM),
        a_form_with_a_boundary_of_bytes=posted(ARM_PATH, b"--\xff", FORM + b"; boundary=\xff"),
        a_form_with_a_boundary_of_spaces=posted(ARM_PATH, b"--x", FORM + b'; boundary="  "'),
        compressed=request(
            ARM,
            ME,
            JSON,
            b"Content-Encoding: gzip",
            body=b"\x1f\x8b\x08\0",
        ),
        a_charset_that_is_a_compression=posted(ARM_PATH, b"{}", b"application/json; charset=zlib"),
        a_charset_that_turns_letters=posted(ARM_PATH, b"{}", b"application/json; charset=rot13"),
        a_charset_that_is_none=posted(ARM_PATH, b"{", b"application/json; charset=\xff"),
        a_charset_of_two_bytes=posted(ARM_PATH, b"{}{", b"application/json; charset=utf-16"),
    ),
    *cases(
        "bodies",
        (413,),
        larger_than_the_panel_takes=posted(ARM_PATH, b" " * 70_000),
        larger_than_the_front_takes=posted(ARM_PATH, b" " * 2**21),
        chunks_without_end=request(ARM, ME, JSON, CHUNKED)
        + (b"2000\r\n" + b" " * 0x2000 + b"\r\n") * 160,
    ),
    *cases(
        "bodies",
        (413, 415),
        a_form=posted(ARM_PATH, b"mode=away", b"application/x-www-form-urlencoded"),
        a_form_with_files=posted(ARM_PATH, b"--x\r\n", FORM + b"; boundary=x"),
        a_form_of_broken_parts=posted(
            ARM_PATH,
            b"--x\r\nContent-Length: much\r\n\r\n\xff--x\r\n:\r\n\0--x--",
            FORM + b"; boundary=x",
        ),
        a_form_that_ends_early=posted(ARM_PATH, b"--x\r\nContent-Disp", FORM + b"; boundary=x"),
        a_form_with_a_charset=posted(
            ARM_PATH,
            b'--x\r\nContent-Disposition: form-data; name="_charset_"\r\n\r\nzlib\r\n--x--\r\n',
            FORM + b"; boundary=x; charset=zlib",
        ),
        XML_with_an_entity=posted(
            ARM_PATH,
            b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>',
            b"text/xml",
        ),
        a_type_that_is_none=posted(ARM_PATH, b"{}", b";;;/;"),
        a_type_that_is_not_ASCII=posted(ARM_PATH, b"{}", b"\xff/\xfe"),
    ),
    *cases(
        "bodies",
        (408, CLOSED),
        half_of_what_was_announced=request(ARM, ME, JSON, b"Content-Length: 1000") + b'{"mode"',
    ),
]

OUTSIDE = (PAGE, 400, 404)
PATHS = [
    *cases(
        "paths",
        OUTSIDE,
        up_and_out=request(b"GET /../../../../etc/passwd"),
        up_and_out_in_percent=request(b"GET /%2e%2e/%2e%2e/%2e%2e/etc/passwd"),
        up_and_out_of_the_assets=request(b"GET /assets/../../../backend/config/settings.py"),
        slashes_in_percent=request(b"GET /assets/..%2f..%2f..%2fbackend%2fconfig%2fsettings.py"),
        twice_in_percent=request(b"GET /assets/%252e%252e%252f%252e%252e%252fetc%252fpasswd"),
        overlong_UTF_8=request(b"GET /assets/%c0%ae%c0%ae%c0%af%c0%ae%c0%ae%c0%afetc/passwd"),
        backslashes=request(b"GET /assets/..\\..\\..\\etc\\passwd"),
        backslashes_in_percent=request(b"GET /assets/..%5c..%5cetc%5cpasswd"),
        dots_and_semicolons=request(b"GET /assets/..;/..;/etc/passwd"),
        an_absolute_path=request(b"GET //etc/passwd"),
        the_processes=request(b"GET /assets/../../../proc/self/environ"),
        the_secrets=request(b"GET /../../run/secrets/secret_key"),
        the_history_of_git=request(b"GET /.git/config"),
        the_settings=request(b"GET /.env"),
        a_NUL_after_a_file=request(b"GET /index.html%00.png"),
        a_file_as_a_folder=request(b"GET /index.html/../../backend/manage.py"),
        out_of_the_docs=request(b"GET /api/docs/..%2f..%2f..%2fconfig%2fsettings.py"),
        out_of_ws=request(b"GET /ws/../../../etc/passwd"),
        a_path_of_a_thousand_folders=request(b"GET /" + b"a/" * 1_000),
    ),
    *cases(
        "paths",
        (404,),
        dots_in_the_docs=request(b"GET /api/docs/%2e%2e"),
        a_path_that_is_no_UTF_8=request(b"GET /api/%ff%fe/"),
        a_line_end_in_the_path=request(b"GET /api/a%0d%0aX-Evil:%20b/"),
        a_number_beyond_all_numbers=request(b"GET /api/people/" + b"9" * 30 + b"/", ME),
        a_number_of_5_000_digits=request(b"GET /api/people/" + b"9" * 5_000 + b"/", ME),
        a_number_below_zero=request(b"GET /api/people/-1/", ME),
        a_number_of_other_digits=request(b"GET /api/people/%d9%a1/", ME),
        to_remove_what_never_was=request(b"DELETE /api/sensors/" + b"9" * 30 + b"/", ME),
        a_code_that_never_was=request(b"DELETE /api/codes/" + b"9" * 30 + b"/", ME),
    ),
    *cases("paths", (400,), a_NUL_in_percent=request(b"GET /api/%00/")),
]

EVENTS = b"GET /api/events/?"
QUERIES = [
    *cases(
        "query parameters",
        (400,),
        a_kind_that_is_none=request(EVENTS + b"kind=nothing", ME),
        an_empty_kind=request(EVENTS + b"kind=", ME),
        a_kind_with_a_NUL=request(EVENTS + b"kind=%00", ME),
        kinds_by_the_thousand=request(EVENTS + b"&".join([b"kind=login"] * 600), ME),
        a_sensor_of_words=request(EVENTS + b"sensor=1%20OR%201=1", ME),
        a_sensor_beyond_all_numbers=request(EVENTS + b"sensor=" + b"9" * 30, ME),
        a_sensor_of_5_000_digits=request(EVENTS + b"sensor=" + b"9" * 5_000, ME),
        a_person_below_zero=request(EVENTS + b"person=-1", ME),
        a_moment_without_an_offset=request(EVENTS + b"since=2026-01-01T00:00:00", ME),
        a_moment_before_all_years=request(EVENTS + b"since=0001-01-01T00:00:00Z", ME),
        a_moment_with_month_13=request(EVENTS + b"until=2026-13-01T00:00:00Z", ME),
        a_moment_with_an_offset_of_99_h=request(EVENTS + b"until=2026-01-01T00:00:00%2b99:99", ME),
        a_page_of_none=request(EVENTS + b"page_size=0", ME),
        a_page_of_millions=request(EVENTS + b"page_size=99999999", ME),
        a_page_of_other_digits=request(EVENTS + b"page_size=%d9%a1", ME),
        a_charset_for_the_query=request(
            EVENTS + b"kind=%41", ME, b"Content-Type: text/plain; charset=zlib"
        ),
        an_export_of_nonsense=request(b"GET /api/events/export/?since=now", ME),
        parameters_by_the_thousand=request(EVENTS + b"&".join([b"kind=login"] * 600), ME),
    ),
    *cases(
        "query parameters",
        (404,),
        a_cursor_that_is_none=request(EVENTS + b"cursor=%ff%fe", ME),
        a_cursor_of_nonsense=request(EVENTS + b"cursor=cD1ub3RoaW5n", ME),
        a_cursor_with_a_NUL=request(EVENTS + b"cursor=cD0AMjAyNg==", ME),
    ),
]

REPORTS_PATH = b"/api/sensors/@SENSOR@/events/"


def reported(body: bytes, path: bytes = REPORTS_PATH, token: bytes = b"Bearer @TOKEN@") -> bytes:
    """A sensor's report."""
    return request(b"POST " + path, b"Authorization: " + token, JSON, body=body)


REPORTS = [
    *cases(
        "sensor reports",
        (401,),
        no_token=reported(b'{"active": true}', token=b""),
        another_token=reported(b'{"active": true}', token=b"Bearer " + b"x" * 43),
        a_token_that_is_not_ASCII=reported(b'{"active": true}', token=b"Bearer \xff\xfe"),
        a_token_of_7_kB=reported(b'{"active": true}', token=b"Bearer " + b"x" * 7_000),
        another_scheme_for_the_token=reported(b'{"active": true}', token=b"Basic @TOKEN@"),
        a_sensor_that_never_was=reported(
            b'{"active": true}', path=b"/api/sensors/" + b"9" * 30 + b"/events/"
        ),
    ),
    *cases(
        "sensor reports",
        (400,),
        no_JSON_from_a_sensor=reported(b"open"),
        nothing_of_its_state=reported(b"{}"),
        a_state_in_words=reported(b'{"active": "true"}'),
        a_state_in_numbers=reported(b'{"active": 1}'),
        no_state=reported(b'{"active": null}'),
        an_identifier_with_a_NUL=reported(rb'{"active": true, "event_id": "\u0000"}'),
        an_identifier_of_half_a_surrogate=reported(rb'{"active": true, "event_id": "\ud800"}'),
        an_identifier_of_60_kB=reported(b'{"active": true, "event_id": "' + b"x" * 60_000 + b'"}'),
        a_moment_in_the_future=reported(b'{"active": true, "at": "2099-01-01T00:00:00Z"}'),
        a_moment_of_words=reported(b'{"active": true, "at": "now"}'),
        a_moment_as_a_number=reported(b'{"active": true, "at": 1767225600}'),
        a_moment_of_second_99=reported(b'{"active": true, "at": "2026-01-01T00:00:99Z"}'),
    ),
]


def disarmed(pin: bytes) -> bytes:
    """A PIN, as JSON."""
    return posted(b"/api/alarm/disarm/", b'{"pin": ' + pin + b"}")


PINS = cases(
    "PINs",
    (400,),
    an_empty_PIN=disarmed(b'""'),
    a_PIN_as_a_number=disarmed(b"271828"),
    no_PIN=disarmed(b"null"),
    a_PIN_of_a_list=disarmed(b'["2718", "2819"]'),
    a_PIN_of_3_digits=disarmed(b'"123"'),
    a_PIN_of_13_digits=disarmed(b'"1234567890123"'),
    a_PIN_of_60_000_digits=disarmed(b'"' + b"1" * 60_000 + b'"'),
    a_PIN_with_a_line_end=disarmed(rb'"271828\n"'),
    a_PIN_with_a_NUL=disarmed(rb'"2718\u0000"'),
    a_PIN_of_half_a_surrogate=disarmed(rb'"\ud800\ud800\ud800\ud800"'),
    a_PIN_of_other_digits=disarmed('"١٢٣٤"'.encode()),
    a_PIN_of_letters=disarmed(b'"\' OR 1=1 --"'),
)

# --- WebSockets ---------------------------------------------------------------------------------

HANDSHAKES = [
    *cases(
        "handshakes",
        (403,),
        an_origin_elsewhere=handshake(b"Origin: http://elsewhere.example"),
        an_origin_of_another_port=handshake(b"Origin: http://localhost:1"),
        an_origin_that_is_null=handshake(b"Origin: null"),
        an_origin_like_ours=handshake(b"Origin: http://localhost.elsewhere.example"),
        an_origin_with_a_user=handshake(b"Origin: http://localhost@elsewhere.example"),
        a_host_of_another=handshake(
            b"Host: elsewhere.example", b"Origin: http://elsewhere.example"
        ),
        a_path_unknown=handshake(path=b"/ws/nothing/"),
    ),
    *cases(
        "handshakes",
        (400,),
        no_key=handshake(b"Sec-WebSocket-Key:"),
        a_key_too_short=handshake(b"Sec-WebSocket-Key: c2hvcnQ="),
        a_key_that_is_not_base64=handshake(b"Sec-WebSocket-Key: " + b"!" * 24),
        no_version=handshake(b"Sec-WebSocket-Version:"),
        a_version_of_words=handshake(b"Sec-WebSocket-Version: new"),
        a_path_of_raw_bytes=handshake(path=b"/ws/\xff"),
        a_query_of_raw_bytes=handshake(path=b"/ws/alarm/?a=\xff"),
    ),
    *cases(
        "handshakes",
        (400, 403),
        an_origin_of_nonsense=handshake(b"Origin: http://["),
        an_origin_of_bytes=handshake(b"Origin: \xff\xfe"),
    ),
    *cases("handshakes", OUTSIDE, up_and_out_of_ws=handshake(path=b"/ws/%2e%2e%2fetc%2fpasswd")),
    *cases(
        "handshakes",
        (400, 426),
        a_version_of_old=handshake(b"Sec-WebSocket-Version: 7"),
        a_version_unknown=handshake(b"Sec-WebSocket-Version: 99"),
    ),
    *cases(
        "handshakes",
        (404, 405),
        no_upgrade=handshake(b"Upgrade:", b"Connection: close"),
        another_upgrade=handshake(b"Upgrade: h2c", b"Connection: Upgrade, close"),
        a_handshake_that_posts=handshake(b"Content-Length: 0", method=b"POST"),
    ),
    *cases("handshakes", (4401,), no_session=handshake().replace(ME + b"\r\n", b"")),
    *cases(
        "handshakes",
        (4401,),
        a_session_made_up=handshake().replace(ME, b"Cookie: @SESSION@=" + b"x" * 32),
        a_session_with_a_NUL_inside=handshake().replace(
            ME, b'Cookie: @SESSION@="\\000' + b"x" * 31 + b'"'
        ),
        cookies_of_nonsense=handshake().replace(ME, b"Cookie: ;;=;\xff=\xfe;@SESSION@"),
    ),
]

# These handshakes succeed: an unknown subprotocol is not an error.
OPENINGS = {
    "a subprotocol that is not ASCII": handshake(b"Sec-WebSocket-Protocol: \xff"),
    "extensions of 7 kB": handshake(b"Sec-WebSocket-Extensions: " + b"x;" * 3_500),
}

FRAMES = [
    *cases(
        "frames",
        (1002, CLOSED),
        a_frame_without_a_mask=frame(TEXT, b'{"type":"ping"}', mask=0),
        a_bit_of_no_extension=frame(TEXT, b'{"type":"ping"}', first=0xC0),
        an_opcode_of_no_message=frame(3, b"x"),
        an_opcode_of_no_control=frame(11),
        a_ping_in_parts=frame(PING, b"x", first=0),
        a_ping_too_large=frame(PING, b"x" * 126),
        a_part_of_nothing=frame(0, b"x"),
        a_message_within_another=frame(TEXT, b"{", first=0) + said("{}"),
        a_close_of_one_byte=frame(CLOSE, b"\x03"),
        a_close_with_a_code_of_none=frame(CLOSE, struct.pack(">H", 1005)),
        a_close_with_a_code_below_all=frame(CLOSE, struct.pack(">H", 999)),
    ),
    *cases(
        "frames",
        (1002, 1009, CLOSED),
        a_length_of_more_bits_than_there_are=frame(TEXT, length=b"\xff" + b"\xff" * 8),
    ),
    *cases(
        "frames",
        (1002, 4400, CLOSED),
        a_length_not_the_shortest=frame(TEXT, b"{}", length=b"\xfe\x00\x02"),
    ),
    *cases(
        "frames",
        (1007, CLOSED),
        a_text_of_no_UTF_8=frame(TEXT, b"\xff\xfe\xfd"),
        a_surrogate_in_UTF_8=frame(TEXT, b"\xed\xa0\x80"),
        a_reason_of_no_UTF_8=frame(CLOSE, struct.pack(">H", 1000) + b"\xff"),
    ),
    *cases(
        "frames",
        (1009, CLOSED),
        a_message_announced_with_a_terabyte=frame(TEXT, length=b"\xff" + struct.pack(">Q", 2**40)),
        a_message_of_2_MiB=said("x" * 2**21),
        parts_without_end=frame(TEXT, b"x", first=0) + frame(0, b"x" * 60_000, first=0) * 40,
    ),
    *cases(
        "frames",
        (4400,),
        a_binary_message=frame(BINARY, b'{"type": "ping"}'),
        an_empty_message=said(""),
        a_message_of_no_JSON=said("hello"),
        a_message_that_is_a_list=said([]),
        a_message_that_is_a_text=said('"ping"'),
        a_message_without_a_type=said({}),
        a_type_of_null=said({"type": None}),
        a_type_of_ours=said({"type": "snapshot"}),
        a_message_of_5_000_bytes=said({"type": "ping", "more": "x" * 5_000}),
        brackets_4_000_deep=said("[" * 4_000),
        a_resume_from_below_zero=said({"type": "resume", "since": -1}),
        a_resume_from_true=said({"type": "resume", "since": True}),
        a_resume_from_a_text=said({"type": "resume", "since": "1"}),
        a_resume_beyond_all_numbers=said({"type": "resume", "since": 2**63}),
        a_resume_of_4_000_digits=said('{"type": "resume", "since": ' + "9" * 4_050 + "}"),
        a_resume_from_infinity=said('{"type": "resume", "since": 1e999}'),
        a_resume_from_nowhere=said({"type": "resume"}),
    ),
    *cases(
        "frames",
        (4013,),
        resumes_without_a_pause=said({"type": "resume", "since": 0}) * 50,
    ),
    *cases(
        "frames",
        (1000,),
        a_close_and_more=frame(CLOSE, struct.pack(">H", 1000)) + said("hello") * 10,
    ),
]

HTTP = [*REQUEST_LINES, *HEADERS, *BODIES, *PATHS, *QUERIES, *REPORTS, *PINS]

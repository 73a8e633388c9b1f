"""Outputs that are offline, as their availability topic tells."""

import pytest

from outputs import reports
from outputs.models import Command, Fault, Output
from tests.outputs.tools import details

pytestmark = pytest.mark.django_db(transaction=True)

LOST, FOUND = "“Siren” does not answer: it is offline.", "“Siren” answers again."


def a_siren(**fields) -> Output:
    return Output.objects.create(**{"name": "Siren", "kind": "mqtt", **fields})


def error_of(siren: Output) -> str:
    return Output.objects.get(pk=siren.pk).error


def test_one_that_is_offline_has_no_contact_until_it_is_online():
    siren = a_siren()
    for _ in range(2):
        reports.take_contact(siren.pk, is_online=False)
        assert error_of(siren) == "no_contact"
    for _ in range(2):
        reports.take_contact(siren.pk, is_online=True)
        assert error_of(siren) == ""
    assert details("output") == [LOST, FOUND]


def test_a_command_that_is_not_answered_meanwhile_is_no_other_fault():
    siren = a_siren(sent="on", is_confirmed=False)
    reports.take_contact(siren.pk, is_online=False)
    reports.fail(siren.pk, Fault.NO_ANSWER)
    assert error_of(siren) == "no_contact"
    reports.take_contact(siren.pk, is_online=True)
    assert error_of(siren) == "no_answer"
    reports.take(siren.pk, Command.ON)
    assert error_of(siren) == ""
    assert details("output") == [LOST, FOUND]


@pytest.mark.parametrize("is_stored", [True, False])
def test_a_report_of_its_own_is_contact_and_one_that_was_stored_is_none(is_stored):
    siren = a_siren()
    reports.take_contact(siren.pk, is_online=False)
    reports.take(siren.pk, Command.OFF, is_stored=is_stored)
    assert error_of(siren) == ("no_contact" if is_stored else "")
    assert details("output") == ([LOST] if is_stored else [LOST, FOUND])


def test_a_webhook_has_no_such_topic_and_another_fault_is_none_of_its():
    webhook, siren = a_siren(name="Relay", kind="webhook"), a_siren(error="no_answer")
    reports.take_contact(webhook.pk, is_online=False)
    reports.take_contact(siren.pk + 1000, is_online=False)
    reports.take_contact(siren.pk, is_online=True)
    assert (error_of(webhook), error_of(siren)) == ("", "no_answer")
    assert details("output") == []

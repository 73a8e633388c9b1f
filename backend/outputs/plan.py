"""What has to be sent to an output, without queries and without a clock."""

from outputs.models import Command, Output

PAUSES = (2.0, 4.0, 8.0, 16.0, 32.0, 60.0)  # seconds until a command is sent again


def command(output: Output, remaining: float, switched_on: float | None) -> Command | None:
    """Return the command that the output has not confirmed yet, or None.

    `remaining` are the seconds of its sounding; `switched_on` those that are left to an output that
    reports to be on although the panel has not switched it on, else None.
    """
    if output.enabled and output.tone and remaining > 0:
        return None if is_sent(output, Command.ON) and output.is_confirmed else Command.ON
    if output.sent == Command.ON or (output.sent == Command.OFF and not output.is_confirmed):
        return Command.OFF
    return Command.OFF if switched_on is not None and switched_on <= 0 else None


def is_sent(output: Output, wanted: Command) -> bool:
    """Whether this command is the last one; another sounding or tone is another command."""
    if output.sent != wanted:
        return False
    return wanted is Command.OFF or (
        output.sent_for == output.started_at and output.sent_tone == output.tone
    )


def is_switched_on_by_others(output: Output) -> bool:
    """Whether it reports to be on, and the panel has not switched it on."""
    has_off = not output.sent or (output.sent == Command.OFF and output.is_confirmed)
    return output.reported == Command.ON and has_off


def pause(output: Output, wanted: Command) -> float:
    """Return the seconds from the last sending until this command is sent; 0: at once."""
    if not is_sent(output, wanted) or not output.attempts or output.is_confirmed:
        return 0.0
    return PAUSES[min(output.attempts, len(PAUSES)) - 1]

"""Connections to other systems. None exists yet; `apply_integration_settings` applies theirs."""

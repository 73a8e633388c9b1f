"""The WebSocket of the panel's page: docs/websocket.md describes its messages."""

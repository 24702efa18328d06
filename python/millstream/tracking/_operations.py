"""What a call that logs gives when it is not to wait: synchronous=False."""


class RunOperations:
    """Something that was logged and may still be on its way."""

    def __init__(self, client):
        self._client = client

    def wait(self):
        """Waits until it is delivered, for a minute at most; delivery goes on after that."""
        self._client.flush()

# What a call that logs gives when it is not to wait.

from .._millstream import Client

class RunOperations:
    def __init__(self, client: Client) -> None: ...
    def wait(self) -> None: ...

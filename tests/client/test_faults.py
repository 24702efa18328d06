"""Every public function while memory runs out and system calls fail on the client's side
(tests/client/faults.c), on a server. (On databases and trees it is a test of meson's.)"""

import programs


def test_failing_calls(place_of):
    place = place_of("server")
    done = programs.run("client_faults", "server", place.uri, environment=place.environment)
    assert done.returncode == 0 and done.stdout == "", done.stdout[-5000:]

"""S3 services for tests: a real server that verifies signatures, started for a test session.

VersityGW where Go can build it, else moto with its authentication switched on. The tests talk to
it with boto3 beside the client under test, so that each sees what the other has stored."""

import functools
import os
import pathlib
import socket
import subprocess
import time

import boto3
import botocore.config

from ports import free_port

ROOT = pathlib.Path(__file__).resolve().parents[2]
START_SECONDS = 120


def tool(*words):
    """What a tool prints, None when it fails."""
    done = subprocess.run([str(word) for word in words], stdout=subprocess.PIPE, text=True,
                          check=False)
    return done.stdout.strip() if done.returncode == 0 else None


class Service:
    """A running service: where it is, and keys that may do everything there."""

    region = "eu-test-1"

    def __init__(self, command, environment, home, scheme="http"):
        self.log = open(pathlib.Path(home) / "s3.log", "wb")
        self.process = subprocess.Popen(
            command, cwd=home, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
            env={"PATH": os.environ["PATH"], "HOME": str(home), **environment})
        self.url = f"{scheme}://localhost:{self.port}"
        self.wait()

    def wait(self):
        """Until it accepts connections."""
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        self.close()
        raise RuntimeError(pathlib.Path(self.log.name).read_text(errors="replace"))

    @property
    def environment(self):
        return {"AWS_ACCESS_KEY_ID": self.access, "AWS_SECRET_ACCESS_KEY": self.secret,
                "AWS_REGION": self.region, "MLFLOW_S3_ENDPOINT_URL": self.url,
                "AWS_EC2_METADATA_DISABLED": "true",
                "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "0"}

    @functools.cached_property
    def boto(self):
        """The other client; making one takes longer than most tests."""
        return boto3.client(
            "s3", endpoint_url=self.url, aws_access_key_id=self.access,
            aws_secret_access_key=self.secret, region_name=self.region,
            config=botocore.config.Config(s3={"addressing_style": "path"}))

    def close(self):
        self.process.kill()
        self.process.wait()
        self.log.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class VersityGW(Service):
    """A gateway to a directory of this machine. Virtual hosts are BUCKET.localhost:PORT."""

    access, secret = "tester", "se/cr+et="

    def __init__(self, program, home, *options, scheme="http"):
        self.program, self.port = program, free_port()
        (pathlib.Path(home) / "buckets").mkdir()
        super().__init__(
            [program, "--port", f"127.0.0.1:{self.port}", "--region", self.region, "--quiet",
             "--keep-alive", "--virtual-domain", f"localhost:{self.port}", *map(str, options),
             "posix", str(pathlib.Path(home) / "buckets")],
            {"ROOT_ACCESS_KEY": self.access, "ROOT_SECRET_KEY": self.secret}, home, scheme)


class Moto(Service):
    """A simulation in memory, whose users must be made before it begins to ask for them."""

    region = "eu-central-1"
    access = secret = None

    def __init__(self, python, home):
        self.port = free_port()
        super().__init__(
            [f"{python}/bin/moto_server", "-H", "127.0.0.1", "-p", str(self.port)],
            {"INITIAL_NO_AUTH_ACTION_COUNT": "3"}, home)
        iam = boto3.client("iam", endpoint_url=self.url, aws_access_key_id="any",
                           aws_secret_access_key="any", region_name=self.region)
        iam.create_user(UserName="tester")
        iam.put_user_policy(
            UserName="tester", PolicyName="all", PolicyDocument='{"Version": "2012-10-17", '
            '"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}')
        key = iam.create_access_key(UserName="tester")["AccessKey"]
        self.access, self.secret = key["AccessKeyId"], key["SecretAccessKey"]


def start(home):
    """The best service that there is on this machine."""
    program = None if os.environ.get("MILL_TEST_S3") == "moto" else tool(ROOT / "tools/versitygw")
    if program is not None:
        return VersityGW(program, home)
    return Moto(tool(ROOT / "tools/venv", ROOT / "tests/client/moto.txt"), home)

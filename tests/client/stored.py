"""Runs whose artifacts lie in a storage of their own, and trees of files to store there."""

import pathlib
import secrets

MiB = 1 << 20
NAMES = ["plain.txt", "with space", "a+b", "100%", "50%25", "a%41b", "ümläut-日本語-🎈.txt",
         "quo'te\"s", "a&b=c;d", "(x)[y]{z}", "tilde~!*$,:@", "back\\slash", "<angle>&amp;",
         "MLmodel", "deep/er/still/file.json", "dir with space/ü+%/x"]
PARTS = {"MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE": str(5 * MiB),
         "MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE": str(5 * MiB),
         "MLFLOW_MULTIPART_DOWNLOAD_CHUNK_SIZE": str(MiB)}


def blob(size):
    """Bytes that differ from place to place."""
    return b"".join(index.to_bytes(8, "big") for index in range(size // 8 + 1))[:size]


def write(top, files):
    for name, data in files.items():
        path = pathlib.Path(top, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return top


def read(top):
    return {path.relative_to(top).as_posix(): path.read_bytes()
            for path in pathlib.Path(top).rglob("*") if path.is_file()}


def listed(done):
    """The files that a listing as JSON shows."""
    return done.json.get("files", [])


class Stored:
    """A run of the command line whose artifacts lie in a bucket of its own."""

    def __init__(self, line, service):
        self.line, self.service = line, service
        self.boto = service.boto
        self.bucket = f"bucket-{secrets.token_hex(6)}"
        self.boto.create_bucket(Bucket=self.bucket, CreateBucketConfiguration={
            "LocationConstraint": service.region})
        self.environment = service.environment
        self.run = self.new_run(f"s3://{self.bucket}/exp eriment+1/")
        self.prefix = f"exp eriment+1/{self.run}/artifacts/"

    def new_run(self, location):
        return new_run(self.line, location)

    def artifacts(self, *words, **environment):
        return self.line("artifacts", *words, "-r", self.run,
                         environment={**self.environment, **environment})

    def fails(self, code, *words, **environment):
        return self.line.fails(code, "artifacts", *words, "-r", self.run,
                               environment={**self.environment, **environment})

    def keys(self):
        """What is in the bucket, below the run's prefix."""
        pages = self.boto.get_paginator("list_objects_v2").paginate(Bucket=self.bucket)
        return sorted(item["Key"].removeprefix(self.prefix)
                      for page in pages for item in page.get("Contents", ()))

    def get(self, name):
        return self.boto.get_object(Bucket=self.bucket, Key=self.prefix + name)

    def put(self, name, data, **more):
        self.boto.put_object(Bucket=self.bucket, Key=self.prefix + name, Body=data, **more)


def new_run(line, location):
    """A run on a database of the line's home, with its artifacts at a location."""
    line.uri = f"sqlite:///{line.home}/tracking.db"
    name = secrets.token_hex(4)
    line("experiments", "create", name, "--artifact-location", location)
    return line("runs", "create", "-e", name).out.split()[0]

"""A model's directory up and down again with an official client:
python large_model.py TRACKING-URI DIRECTORY MEGABYTES. Says how many files came back as they went.
"""

import hashlib
import os
import sys

import mlflow
from mlflow import MlflowClient
from mlflow.artifacts import download_artifacts

PIECE = 1 << 20


def write(path, megabytes):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        for _ in range(megabytes):
            file.write(os.urandom(PIECE))
        file.write(b"the end")


def sums(directory):
    found = {}
    for folder, _, names in os.walk(directory):
        for name in names:
            path = os.path.join(folder, name)
            sha = hashlib.sha256()
            with open(path, "rb") as file:
                for piece in iter(lambda: file.read(PIECE), b""):
                    sha.update(piece)
            found[os.path.relpath(path, directory)] = sha.hexdigest()
    return found


def main(uri, directory, megabytes):
    model = os.path.join(directory, "model")
    write(os.path.join(model, "data", "weights-1.bin"), int(megabytes) // 2)
    write(os.path.join(model, "data", "weights-2.bin"), int(megabytes) - int(megabytes) // 2)
    with open(os.path.join(model, "MLmodel"), "w") as file:
        file.write("artifact_path: model\nflavors: {}\n")
    mlflow.set_tracking_uri(uri)
    client = MlflowClient()
    run_id = client.create_run("0").info.run_id
    client.log_artifacts(run_id, model, "model")
    back = os.path.join(directory, "back")
    os.makedirs(back)
    download_artifacts(run_id=run_id, artifact_path="model", dst_path=back)
    sent = sums(model)
    assert sent == sums(os.path.join(back, "model")), "what came back differs"
    print(len(sent))


if __name__ == "__main__":
    main(*sys.argv[1:])

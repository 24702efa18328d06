"""Files of every kind that the pages preview, and a run that has them."""

import io
import json
import math
import pathlib
import random
import struct
import urllib.parse
import wave
import zipfile
import zlib

DATA = pathlib.Path(__file__).parent / "data"


def png(width=64, height=48):
    """A picture with a gradient."""
    rows = b"".join(b"\0" + bytes(v for x in range(width) for v in (4 * x, 5 * y, 128))
                    for y in range(height))

    def chunk(kind, body):
        return (struct.pack(">I", len(body)) + kind + body
                + struct.pack(">I", zlib.crc32(kind + body)))

    return (b"\x89PNG\r\n\x1a\n"
            + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def wav(seconds=0.2, rate=8000):
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(b"".join(struct.pack("<h", int(9000 * math.sin(i / 5)))
                                 for i in range(int(seconds * rate))))
    return file.getvalue()


def npy(values, shape, descr="<f4", code="f"):
    header = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}"
    header += " " * (-(len(header) + 11) % 64) + "\n"
    return (b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode()
            + struct.pack(f"<{len(values)}{code}", *values))


def archive(files):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in files.items():
            out.writestr(name, content)
    return file.getvalue()


def pdf():
    """One page that says "A report"."""
    text = b"BT /F1 24 Tf 40 100 Td (A report) Tj ET"
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>",
               b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
               b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R "
               b"/Resources << /Font << /F1 5 0 R >> >> >>",
               b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text),
               b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    out = b"%PDF-1.4\n"
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return (out + b"xref\n0 6\n0000000000 65535 f \n" + table
            + b"trailer << /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(out))


NOTEBOOK = {
    "nbformat": 4, "metadata": {"language_info": {"name": "python"}}, "cells": [
        {"cell_type": "markdown", "source": ["# A study\n", "of **digits**"]},
        {"cell_type": "code", "execution_count": 1, "source": ["frame.head()"], "outputs": [
            {"output_type": "execute_result", "data": {
                "text/html": "<table><tr><th>digit</th></tr><tr><td>seven</td></tr></table>"}},
            {"output_type": "stream", "name": "stdout", "text": "trained\n"}]}]}

MLMODEL = """artifact_path: model
flavors:
  python_function:
    loader_module: mlflow.sklearn
    python_version: 3.11.2
  sklearn:
    sklearn_version: 1.5.2
    pickled_model: model.pkl
mlflow_version: 2.17.0
run_id: %s
signature:
  inputs: '[{"type": "double", "name": "width", "required": true},
    {"type": "string", "name": "colour", "required": false}]'
  outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1]}}]'
  params: null
utc_time_created: '2026-01-02 03:04:05.678901'
"""


def files(run_id):
    """Path to content, one of each kind."""
    return {
        "README.md": b"# Results\n\nSee **all** of [it](https://example.org).\n\n"
                     b"![a picture](plots/gradient.png)\n\n```python\nprint(1)\n```\n",
        "notes.txt": "the first line\nÜmläute\n".encode(),
        "long.log": b"".join(b"line %07d of the log\n" % i for i in range(40_000)),
        "code/train.py": b"import mlflow\n\n\ndef train(rate: float) -> None:\n    \"\"\"Trains.\"\"\"\n"
                         b"    mlflow.log_metric('loss', 1 / rate)\n",
        "code/changes.diff": b"--- a/train.py\n+++ b/train.py\n@@ -1 +1 @@\n-rate = 1\n+rate = 2\n",
        "changes.patch": b"--- a/train.py\n+++ b/train.py\n@@ -1 +1 @@\n-rate = 1\n+rate = 2\n",
        "config.json": json.dumps({"optimizer": {"name": "adam", "betas": [0.9, 0.999]},
                                   "layers": [64, 32], "bias": None}).encode(),
        "broken.json": b'{"a": ',
        "tables/scores.csv": b"name,score\n" + b"".join(
            b"row %d,%d\n" % (i, i * 7 % 1000) for i in range(2000)),
        "tables/scores.tsv": b"name\tscore\nalpha\t2\nbeta\t1\n",
        **{f"tables/{name}.parquet": (DATA / f"{name}.parquet").read_bytes()
           for name in ("table", "zstd", "gzip", "lz4")},
        "tables/logged.json": json.dumps({
            "columns": ["question", "picture"],
            "data": [["what is it", {"type": "image", "filepath": "plots/gradient.png",
                                     "compressed_filepath": "plots/gradient.png"}]]}).encode(),
        "plots/gradient.png": png(),
        "plots/curve.svg": b'<svg xmlns="http://www.w3.org/2000/svg" width="120" height="60">'
                           b'<path d="M0 60 L120 0" stroke="#1a5fb4" stroke-width="4"/></svg>',
        "media/tone.wav": wav(),
        "media/film.webm": (DATA / "film.webm").read_bytes(),
        "report.pdf": pdf(),
        "report.html": b"<!doctype html><style>h1 { color: rgb(10, 20, 30) }</style>"
                       b"<h1>before</h1><script>document.querySelector('h1').textContent = "
                       b"'drawn by script'</script>",
        "study.ipynb": json.dumps(NOTEBOOK).encode(),
        "arrays/weights.npy": npy([i / 2 for i in range(12)], "(3, 4)"),
        "arrays/both.npz": archive({"first.npy": npy([1.5, 2.5], "(2,)"),
                                    "second.npy": npy([7, 8, 9], "(3,)", "<i8", "q")}),
        "bundle.zip": archive({"inner/a.txt": "a" * 1000, "b.txt": "b"}),
        "large.zip": archive({"noise": random.Random(1).randbytes(600_000), "last.txt": "x"}),
        "weights.bin": bytes(range(256)) * 4,
        "empty.txt": b"",
        "model/MLmodel": (MLMODEL % run_id).encode(),
        "model/model.pkl": b"\x80\x04pickled",
        **{f"many/file{i:04d}.txt": b"%d" % i for i in range(300)},
    }


def upload(server, run, content):
    """Stores files of a run; `run` is as runs/create gives it."""
    root = run["info"]["artifact_uri"].removeprefix("mlflow-artifacts:").strip("/")
    connection = server.connect()
    for path, body in content.items():
        connection.request(
            "PUT", f"/api/2.0/mlflow-artifacts/artifacts/{root}/{urllib.parse.quote(path)}", body)
        answer = connection.getresponse()
        text = answer.read()
        assert answer.status == 200, (path, answer.status, text)
    connection.close()


def run_with_files(server, experiment):
    """A finished run that has one file of each kind; its id."""
    run = server.create_run(experiment, run_name="all kinds of files")
    upload(server, run, files(run["info"]["run_id"]))
    run_id = run["info"]["run_id"]
    server.call("runs/update", {"run_id": run_id, "status": "FINISHED",
                                "end_time": run["info"]["start_time"] + 4000})
    return run_id

"""Artifacts: the proxy, artifacts of runs, and the paths that must not lead anywhere."""

from ..differential import Scenario

PROXY = "mlflow-artifacts/artifacts"
DOWNLOAD = ("content-length", "content-disposition", "x-content-type-options", "accept-ranges",
            "content-range", "etag", "last-modified")

# Written into the request target as they are.
ODD_PATHS = {
    "parent": "../x.txt", "inner parent": "a/../../x.txt", "inner parent staying": "a/../x.txt",
    "encoded dots": "%2e%2e/x.txt", "encoded slash": "..%2fx.txt", "all encoded": "%2e%2e%2fx.txt",
    "upper case encoded": "%2E%2E%2Fx.txt", "double encoded": "%252e%252e%252fx.txt",
    "triple encoded": "%25252e%25252e%25252fx.txt", "encoded backslash": "..%5cx.txt",
    "absolute": "/etc/passwd", "encoded absolute": "%2fetc%2fpasswd",
    "double encoded absolute": "%252fetc%252fpasswd", "double slash": "a//b.txt",
    "dot": "./x.txt", "inner dot": "a/./x.txt", "only dot": ".", "only dots": "..",
    "encoded only dots": "%2e%2e", "trailing slash": "a/", "encoded hash": "a%23b.txt",
    "encoded question": "a%3fb.txt", "encoded percent": "a%25b.txt", "null byte": "a%00b.txt",
    "newline": "a%0ab.txt", "drive": "C:/x.txt", "encoded drive": "C:%5cx.txt", "file uri":
    "file:///etc/passwd", "encoded file uri": "file:%2f%2f%2fetc%2fpasswd", "space": "a%20b.txt",
    "plus": "a+b.txt", "unicode": "%C5%BC%C3%B3%C5%82w.txt", "not utf-8": "%ff%fe.txt",
    "bad escape": "a%zz.txt", "dots in the name": "a..b.txt", "dots first": "..a.txt",
    "three dots": ".../x.txt", "tilde": "~/x.txt", "long name": "n" * 255, "longer name": "n" * 256,
    "unc": "%5c%5chost%5cshare", "semicolon": "a;b.txt", "colon": "a:b.txt", "tab": "a%09b.txt",
    "backslash": "a%5cb.txt", "quote": "a%22b%27.txt", "star": "a*.txt", "pipe": "a%7cb.txt",
    "s3": "s3:/bucket/x", "encoded dot segment": "a/%2e/x.txt", "hidden": ".hidden",
}


def proxy():
    s = Scenario("artifacts-proxy")
    base = PROXY + "/dt"
    s.add("put", "PUT", f"{base}/a.txt", raw="hello")
    s.add("put again", "PUT", f"{base}/a.txt", raw="hello world")
    s.get("get", f"{base}/a.txt", compare_headers=DOWNLOAD)
    s.add("head", "HEAD", f"{base}/a.txt", compare_headers=DOWNLOAD)
    s.add("put nested", "PUT", f"{base}/d/e/b.bin", raw=b"\x00\xff\x01")
    s.get("get nested", f"{base}/d/e/b.bin", compare_headers=DOWNLOAD)
    s.add("put empty", "PUT", f"{base}/empty", raw="")
    s.get("get empty", f"{base}/empty", compare_headers=DOWNLOAD)
    s.add("put with content type", "PUT", f"{base}/t.json", raw="{\"a\": 1}",
          headers={"Content-Type": "application/x-strange"})
    names = ["t.json", "page.html", "s.svg", "i.png", "j.jpg", "m.md", "MLmodel", "MLproject", "c.csv",
             "t.tsv", "y.yaml", "y.yml", "x.xml", "l.log", "p.py", "s.js", "p.pkl", "z.zip", "g.tar.gz",
             "n", "d.pdf", "upper.TXT", "r.rst", "c.cfg", "i.ini", "t.toml", "f.css", "w.parquet",
             "v.mp4", "g.gif", "w.webp", "e.err", "b.ipynb", "j.jsonl", "f.npy", "f.onnx"]
    for name in names:
        s.add(f"put {name}", "PUT", f"{base}/types/{name}", raw="<b>x</b>")
        s.get(f"type of {name}", f"{base}/types/{name}",
              compare_headers=("content-disposition", "x-content-type-options"))
    for name, encoded in (("space", "a%20b.txt"), ("unicode", "%C5%BC%C3%B3%C5%82w.txt"),
                          ("cjk", "%E6%97%A5%E6%9C%AC"), ("quote", "a%22b.txt"), ("plus", "a+b.txt"),
                          ("apostrophe", "a%27b.txt"), ("comma", "a,b.txt"), ("semicolon", "a;b.txt"),
                          ("equals", "a=b.txt"), ("backslash", "a%5cb.txt"),
                          ("latin and more", "caf%C3%A9 %E2%82%AC.txt".replace(" ", "%20"))):
        s.add(f"put name with {name}", "PUT", f"{base}/names/{encoded}", raw="x")
        s.get(f"get name with {name}", f"{base}/names/{encoded}",
              compare_headers=("content-disposition",))
    s.get("list names", PROXY, {"path": "dt/names"})
    s.get("list", PROXY, {"path": "dt"})
    s.get("list nested", PROXY, {"path": "dt/d"})
    s.get("list with slash", PROXY, {"path": "dt/d/"})
    s.get("list a file", PROXY, {"path": "dt/a.txt"})
    s.get("list missing", PROXY, {"path": "dt/nothing"})
    s.get("list empty path", PROXY, {"path": ""}, compare_body=False)
    s.get("list no path", PROXY, compare_body=False)
    s.get("list other parameter", PROXY, {"run_id": "x"}, compare_body=False)
    for kind, path in {"parent": "../", "inner parent": "dt/../..", "absolute": "/etc",
                       "encoded": "%2e%2e", "double encoded": "%252e%252e", "hash": "a#b",
                       "file uri": "file:///etc", "dot": ".", "inner dot": "dt/./d",
                       "double slash": "dt//d", "staying": "dt/d/..", "null byte": "a\u0000b"}.items():
        s.get(f"list path {kind}", PROXY, {"path": path}, compare_body=kind != "dot")
    s.get("get missing", f"{base}/nothing.txt")
    s.get("get directory", f"{base}/d")
    s.get("get directory with slash", f"{base}/d/")
    s.get("get below a file", f"{base}/a.txt/x")
    s.add("head missing", "HEAD", f"{base}/nothing.txt")
    s.add("put below a file", "PUT", f"{base}/a.txt/x", raw="x")
    s.add("put over a directory", "PUT", f"{base}/d", raw="x")
    s.add("put with slash", "PUT", f"{base}/new/", raw="x")
    s.add("put without path", "PUT", PROXY + "/", raw="x")
    s.add("delete", "DELETE", f"{base}/a.txt")
    s.add("delete again", "DELETE", f"{base}/a.txt")
    s.get("get deleted", f"{base}/a.txt")
    s.add("delete tree", "DELETE", f"{base}/types")
    s.get("list after delete", PROXY, {"path": "dt"})
    s.add("post", "POST", f"{base}/a.txt", raw="x")
    s.add("by ajax", "PUT", "/ajax-api/2.0/mlflow-artifacts/artifacts/dt/ajax.txt", raw="x")
    s.get("get by ajax", "/ajax-api/2.0/mlflow-artifacts/artifacts/dt/ajax.txt",
          compare_headers=DOWNLOAD)
    s.get("list by ajax", "/ajax-api/2.0/mlflow-artifacts/artifacts", {"path": "dt/d"})
    return s


def ranges():
    s = Scenario("artifacts-range")
    target = PROXY + "/rg/f.txt"
    s.add("put", "PUT", target, raw="0123456789")
    for value in ("bytes=0-3", "bytes=5-", "bytes=-3", "bytes=0-0", "bytes=9-9", "bytes=3-100",
                  "bytes=10-", "bytes=100-200", "bytes=5-2", "bytes=-0", "bytes=-100", "bytes=a-b",
                  "bytes=", "items=0-3", "0-3", "bytes=0-9", "Bytes=0-3", "bytes = 0-3",
                  "bytes=0-1,4-5", "bytes=-", "bytes=0-3,"):
        s.get(f"range {value}", target, headers={"Range": value}, compare_body=",4" not in value,
              compare_headers=("content-length", "content-range", "accept-ranges")
              if ",4" not in value else ())
    s.add("head with range", "HEAD", target, headers={"Range": "bytes=0-3"},
          compare_headers=("content-length", "content-range"))
    s.get("if-range other", target, headers={"Range": "bytes=0-3", "If-Range": "\"other\""},
          compare_headers=("content-length", "content-range"))
    return s


def paths():
    """Every odd path in every artifact call; none may leave the artifact root."""
    s = Scenario("artifacts-paths")
    for kind, path in ODD_PATHS.items():
        s.add(f"put {kind}", "PUT", f"{PROXY}/od/{path}", raw="odd")
        s.get(f"get {kind}", f"{PROXY}/od/{path}")
        s.get(f"presigned {kind}", f"mlflow-artifacts/presigned/od/{path}")
        s.post(f"mpu {kind}", f"mlflow-artifacts/mpu/create/mp/{path}", {"path": "x", "num_parts": 1})
    s.get("list od", PROXY, {"path": "od"})
    for kind, path in ODD_PATHS.items():
        s.add(f"delete {kind}", "DELETE", f"{PROXY}/od/{path}")
        # Without a folder before it the path may be absolute or begin with the odd part.
        s.add(f"put at the root {kind}", "PUT", f"{PROXY}/{path}", raw="odd", compare_body=False)
    return s


def multipart():
    s = Scenario("artifacts-multipart")
    path = "mlflow-artifacts/mpu/"
    s.post("create", path + "create/mp/f.bin", {"path": "f.bin", "num_parts": 2})
    s.post("create without parts", path + "create/mp/f.bin", {"path": "f.bin"})
    s.post("create zero parts", path + "create/mp/f.bin", {"path": "f.bin", "num_parts": 0})
    s.post("create text parts", path + "create/mp/f.bin", {"path": "f.bin", "num_parts": "x"})
    s.post("create without path", path + "create/mp/f.bin", {"num_parts": 2})
    s.post("complete", path + "complete/mp/f.bin", {
        "path": "f.bin", "upload_id": "u", "parts": [{"part_number": 1, "etag": "e", "url": "u"}]})
    s.post("complete nothing", path + "complete/mp/f.bin", {})
    s.post("abort", path + "abort/mp/f.bin", {"path": "f.bin", "upload_id": "u"})
    s.post("abort nothing", path + "abort/mp/f.bin", {})
    s.post("no path", path + "create/", {})
    s.get("presigned", "mlflow-artifacts/presigned/mp/f.bin")
    return s


def of_runs():
    s = Scenario("artifacts-run")
    s.post("experiment", "mlflow/experiments/create", {"name": "ar"}, save={"exp": "experiment_id"})
    s.post("run", "mlflow/runs/create", {"experiment_id": "${exp}", "run_name": "r"},
           save={"run": "run.info.run_id"})
    path = "mlflow/artifacts/list"
    run = {"run_id": "${run}"}
    s.get("none yet", path, run)
    root = PROXY + "/${exp}/${run}/artifacts"
    for name in ("a.txt", "d/b.txt", "d/e/c.html", "sp%20ace/%C5%BC.txt", "model/MLmodel"):
        s.add(f"put {name}", "PUT", f"{root}/{name}", raw=f"content of {name}")
    s.get("list", path, run)
    s.get("list by run_uuid", path, {"run_uuid": "${run}"})
    s.get("list folder", path, {**run, "path": "d"})
    s.get("list folder with slash", path, {**run, "path": "d/"})
    s.get("list file", path, {**run, "path": "a.txt"})
    s.get("list missing", path, {**run, "path": "nothing"})
    s.get("list empty path", path, {**run, "path": ""})
    s.get("list unicode", path, {**run, "path": "sp ace"})
    s.get("list page token", path, {**run, "page_token": "x"})
    s.get("list camel case", path, {"runId": "${run}"})
    s.get("no run", path)
    s.get("unknown run", path, {"run_id": "0" * 32})
    s.add("list in the body", "GET", path, json_body={**run, "path": "d"})
    bad = {"parent": "../", "inner parent": "d/../../..", "staying": "d/..", "absolute": "/etc",
           "encoded": "%2e%2e/x", "double encoded": "%252e%252e/x", "hash": "a#b", "dot": ".",
           "file uri": "file:///etc/passwd", "drive": "C:\\x", "backslash": "..\\x",
           "double slash": "d//e", "inner dot": "d/./e", "null byte": "a\u0000b"}
    for kind, value in bad.items():
        s.get(f"list path {kind}", path, {**run, "path": value})
        s.get(f"get-artifact {kind}", "/get-artifact", {**run, "path": value})
        s.add(f"upload {kind}", "POST", "/ajax-api/2.0/mlflow/upload-artifact",
              query={"run_uuid": "${run}", "path": value}, raw="x")
    path = "/get-artifact"
    headers = ("content-disposition", "content-length", "x-content-type-options")
    s.get("get-artifact", path, {**run, "path": "a.txt"}, compare_headers=headers)
    s.get("get-artifact html", path, {**run, "path": "d/e/c.html"}, compare_headers=headers)
    s.get("get-artifact unicode", path, {**run, "path": "sp ace/ż.txt"}, compare_headers=headers)
    s.get("get-artifact by run_uuid", path, {"run_uuid": "${run}", "path": "a.txt"})
    s.get("get-artifact folder", path, {**run, "path": "d"})
    s.get("get-artifact missing", path, {**run, "path": "nothing"})
    s.get("get-artifact without path", path, run)
    s.get("get-artifact empty path", path, {**run, "path": ""})
    s.get("get-artifact without run", path, {"path": "a.txt"})
    s.get("get-artifact unknown run", path, {"run_id": "0" * 32, "path": "a.txt"})
    s.get("get-artifact range", path, {**run, "path": "a.txt"}, headers={"Range": "bytes=0-3"},
          compare_headers=("content-length", "content-range"))
    path = "/ajax-api/2.0/mlflow/upload-artifact"
    query = {"run_uuid": "${run}", "path": "up/u.txt"}
    s.add("upload", "POST", path, query=query, raw="uploaded")
    s.get("uploaded", "/get-artifact", {**run, "path": "up/u.txt"}, compare_headers=headers)
    s.add("upload by run_id", "POST", path, query={**run, "path": "up/v.txt"}, raw="x")
    s.add("upload empty", "POST", path, query=query, raw="")
    s.add("upload without path", "POST", path, query={"run_uuid": "${run}"}, raw="x")
    s.add("upload without run", "POST", path, query={"path": "up/u.txt"}, raw="x")
    s.add("upload unknown run", "POST", path, query={"run_uuid": "0" * 32, "path": "x"}, raw="x")
    s.add("upload as json", "POST", path, query={**query, "path": "up/j.json"}, json_body={"a": 1})
    s.add("upload 10 MiB", "POST", path, query={**query, "path": "up/ten"}, raw="x" * (10 << 20))
    s.add("upload above 10 MiB", "POST", path, query={**query, "path": "up/eleven"},
          raw="x" * ((10 << 20) + 1))
    s.add("upload not below api", "POST", "mlflow/upload-artifact", query=query, raw="x")
    s.get("list uploads", "mlflow/artifacts/list", {**run, "path": "up"})
    s.post("presigned upload", "mlflow/artifacts/presigned-upload-url", {**run, "path": "x"})
    s.post("presigned download", "mlflow/artifacts/presigned-download-url", {**run, "path": "a.txt"})
    return s


SCENARIOS = [proxy(), ranges(), paths(), multipart(), of_runs()]

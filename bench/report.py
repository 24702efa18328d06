"""Turns the windows of one benchmark run into tables."""

import statistics

import models


def median(values):
    values = [value for value in values if value is not None]
    return statistics.median(values) if values else None


def summary(windows, workload):
    """The medians of the windows of one workload, one number of connections, one target."""
    steps = []
    for window in windows:
        found = [s for s in window["steps"] if s["name"] == workload.step]
        steps.append(found[0] if found else window["steps"][-1])
    calls = len(windows[0]["steps"])
    return {
        # A script of several requests counts as one unit of work for each round.
        "rate": median([w["rps"] / calls * workload.per_request for w in windows]),
        "best_rate": max(w["rps"] for w in windows) / calls * workload.per_request,
        "requests": sum(w["requests"] for w in windows),
        "errors": sum(w["errors"] for w in windows),
        "cpu_us": median([w["server_cpu_us"] * calls for w in windows]),
        "server_share": median([w["server_cpu_share"] for w in windows]),
        "client_share": median([w["client_cpu_share"] for w in windows]),
        "mean_us": median([s["mean_us"] for s in steps]),
        "p50_us": median([s["p50_us"] for s in steps]),
        "p99_us": median([s["p99_us"] for s in steps]),
        "p999_us": median([s["p999_us"] for s in steps]),
        "max_us": max(s["max_us"] for s in steps),
        "mb_s": median([(w["bytes_in"] + w["bytes_out"]) / w["seconds"] / 1e6 for w in windows]),
        "pss_mib": max(w["pss_kib"] for w in windows) / 1024,
        "first_error": next((w["first_error"] for w in windows if w["first_error"]), ""),
    }


def number(value):
    if value is None:
        return "–"
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def time_text(us):
    if us is None:
        return "–"
    if us >= 1e6:
        return f"{us / 1e6:.2f} s"
    return f"{us / 1e3:.3g} ms" if us >= 1000 else f"{us:.0f} µs"


def short_time_text(us):
    """With a place after the point where calls are about that short."""
    return f"{us:.2f} µs" if us is not None and us < 10 else time_text(us)


def ratio(ours, other):
    if not ours or not other:
        return "–"
    value = ours / other
    return f"{value:,.0f}×" if value >= 10 else f"{value:.1f}×"


def table(head, rows, right_from=1):
    """Lines of a Markdown table, padded so that it can be read in a terminal too."""
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]

    def line(cells):
        padded = [cell.ljust(width) if i < right_from else cell.rjust(width)
                  for i, (cell, width) in enumerate(zip(cells, widths))]
        return "| " + " | ".join(padded) + " |"

    rule = ["-" * width if i < right_from else "-" * (width - 1) + ":"
            for i, width in enumerate(widths)]
    return [line(head), "| " + " | ".join(rule) + " |", *[line(row) for row in rows]]


def ratios(results, targets):
    """One row for each workload: our figures, then how many times the others' they are."""
    others = [t for t in targets if t.key not in ("ours", "ceiling")]
    head = ["workload", "sync", "conns", "per second", "p50", "p99", "CPU each"]
    head += [f"× {t.title}" for t in others] + [f"CPU: {t.title} ÷ ours" for t in others]
    rows = []
    for row in results["rows"]:
        by = row["targets"]
        ours = by.get("ours")
        sync = " · ".join(t.sync for t in targets if t.key in by and t.key != "ceiling")
        cells = [f"{row['key']} {row['title']}", sync if row["write"] else "", str(row["conns"])]
        if ours:
            cells += [f"{number(ours['rate'])} {row['unit']}", time_text(ours["p50_us"]),
                      time_text(ours["p99_us"]), time_text(ours["cpu_us"])]
        else:
            cells += ["–"] * 4
        for other in others:
            cells.append(ratio(ours and ours["rate"], by.get(other.key, {}).get("rate")))
        for other in others:
            cells.append(ratio(by.get(other.key, {}).get("cpu_us"), ours and ours["cpu_us"]))
        rows.append(cells)
    return table(head, rows, right_from=2)


def details(results, targets):
    """One row for each workload and target, with everything that was measured."""
    head = ["workload", "server", "sync", "conns", "per second", "best window", "p50", "p99", "p99.9", "max",
            "CPU each", "server CPU", "driver CPU", "MB/s", "Pss MiB", "errors"]
    rows = []
    for row in results["rows"]:
        for target in targets:
            got = row["targets"].get(target.key)
            if got is None:
                continue
            rows.append([
                row["key"], target.title, target.sync if row["write"] else "",
                str(row["conns"]), f"{number(got['rate'])} {row['unit']}",
                number(got.get("best_rate")), time_text(got["p50_us"]), time_text(got["p99_us"]), time_text(got["p999_us"]),
                time_text(got["max_us"]), time_text(got["cpu_us"]),
                f"{got['server_share']:.0%}", f"{got['client_share']:.0%}",
                number(got["mb_s"]), number(got["pss_mib"]), str(got["errors"])])
    return table(head, rows, right_from=3)


def starts(results):
    head = ["server", "database", "first answer", "idle Pss", "Pss after the rows"]
    rows = [[s["title"], s["database"], time_text(s["ms"] * 1000),
             f"{number(s['pss_mib'])} MiB",
             f"{number(s['loaded_mib'])} MiB" if s["loaded_mib"] else "–"]
            for s in results["starts"]]
    return table(head, rows, right_from=2)


def header(results):
    machine = results["machine"]
    lines = [f"Measured {results['date']} on {machine['cpu']}, {machine['cores']} cores, "
             f"{machine['memory_gib']} GiB, {machine['os']}, Linux {machine['kernel']}; the driver "
             f"shares the cores with the server.",
             f"Load average of the minute before: {machine['load']}. "
             f"{results['repeats']} window(s) of {results['seconds']} s each, medians; "
             f"data set: {results['size']}.",
             f"fdatasync of an appended 4 KiB block in the same directory: median "
             f"{time_text(results['fdatasync_us'])}, p99 {time_text(results['fdatasync_p99_us'])} "
             f"(after the run: median {time_text(results['fdatasync_after_us'])})."]
    for target in results["targets"]:
        extra = f", binary {target['binary_mib']:.1f} MiB" if target.get("binary_mib") else ""
        lines.append(f"{target['title']} ({target['version']}): synchronous={target['sync']}"
                     f"{extra}.")
    lines += [f"Not measured: {text}." for text in results["skipped"]]
    return lines


def growth(results):
    found = results.get("growth")
    if not found:
        return []
    head = ["points in the run before", "batches per second", "p50", "p99", "CPU each"]
    rows = [[f"{part['points']:,}", number(part["rate"]), time_text(part["p50_us"]),
             time_text(part["p99_us"]), time_text(part["cpu_us"])] for part in found["parts"]]
    lines = ["", "## Cost does not grow with history",
             "", "1000-point batches, one connection, windows in turn.", ""]
    lines += table(head, rows, right_from=0)
    stream = results.get("stream")
    if stream:
        lines += ["", f"A history of {stream['points']:,} points in one answer: "
                  f"{stream['ms']:.0f} ms, {stream['mib']:.0f} MiB; the server held "
                  f"{stream['before_mib']:.1f} MiB before and {stream['peak_mib']:.1f} MiB at "
                  f"most while it streamed."]
    return lines


def client_costs(results):
    """What a call costs the program that logs."""
    rows = results.get("clients")
    if not rows:
        return []
    head = ["call", "our library: CPU", "of it user", "time", "MLflow's client: CPU", "time",
            "CPU: MLflow ÷ ours"]
    lines = []
    for row in rows:
        ours, other = row["ours"], row.get("official", {})
        lines.append([row["name"], time_text(ours["cpu_us"]), time_text(ours["user_us"]),
                      time_text(ours["wall_us"]), time_text(other.get("cpu_us")),
                      time_text(other.get("wall_us")), ratio(other.get("cpu_us"), ours["cpu_us"])])
    return ["", "## What the client costs", "", "Processor time of the client's process for each "
            "call, over our server on loopback.", "", *table(head, lines)]


def module_costs(results):
    """What a call costs a Python program, beside the same in C."""
    rows = results.get("modules")
    if not rows:
        return []
    head = ["call", "C library: time", "CPU", "`millstream`: time", "CPU", "`mlflow`: time", "CPU",
            "time: mlflow ÷ millstream"]
    lines = []
    for row in rows:
        cells = [row.get(name, {}).get(figure) for name in ("c", "ours", "official")
                 for figure in ("wall_us", "cpu_us")]
        lines.append([row["title"], *map(short_time_text, cells),
                      ratio(row.get("official", {}).get("wall_us"), row["ours"]["wall_us"])])
    ours, official = (rows[0].get(name, {}).get("kib") for name in ("ours", "official"))
    memory = "" if official is None else f", `mlflow` {official / 1024:.0f} MiB"
    return ["", "## The Python module", "", "Each contestant in a process of its own, under the "
            "same Python, the least of the windows. Points that are spooled are not waited for. "
            f"Importing `millstream` takes {ours / 1024:.1f} MiB of memory{memory}.", "",
            *table(head, lines)]


def model_costs(results, targets):
    """log_model end to end, by the official client."""
    found = results.get("models")
    if not found:
        return []
    head = ["call", "server", "p50", "p99", "server CPU", "client CPU", "p50 ÷ ours",
            "server CPU ÷ ours"]
    ours = found.get("ours")
    lines = []
    for part, title in models.PARTS:
        for target in [t for t in targets if t.key in found]:
            got = found[target.key]
            times, whole = got["parts"][part], part == "whole_us"
            lines.append([
                title, target.title, time_text(times["p50_us"]), time_text(times["p99_us"]),
                time_text(got["server_cpu_us"]) if whole else "–",
                time_text(got["client_cpu_us"]) if whole else "–",
                ratio(times["p50_us"], ours and ours["parts"][part]["p50_us"]),
                ratio(got["server_cpu_us"], ours and ours["server_cpu_us"]) if whole else "–"])
    calls = next(iter(found.values()))["calls"]
    return ["", "## log_model end to end", "", f"The official client logs a small scikit-learn "
            f"model and registers it, {calls} times: the logged model, five files through the "
            "server, finalized, a version.", "", *table(head, lines, right_from=2)]


def tree_costs(results):
    """Reading and writing plain files."""
    rows = results.get("trees")
    if not rows:
        return []
    head = ["on an mlruns tree", "our library: time", "CPU", "MLflow's client: time", "CPU",
            "time: MLflow ÷ ours", "CPU: MLflow ÷ ours"]
    lines = []
    for row in rows:
        ours, other = row["ours"], row.get("official", {})
        lines.append([row["name"], time_text(ours["wall_us"]), time_text(ours["cpu_us"]),
                      time_text(other.get("wall_us")), time_text(other.get("cpu_us")),
                      ratio(other.get("wall_us"), ours["wall_us"]),
                      ratio(other.get("cpu_us"), ours["cpu_us"])])
    return ["", "## Trees of files", "", "The library in the process, no server; the first call "
            "of a process, files in the page cache. A logged metric is one of many.", "",
            *table(head, lines)]


def logger_costs(results):
    """What a training loop pays for logging by way of a spool."""
    got = results.get("logger")
    if not got:
        return []
    one, four, week, loop = got["one"], got["four"], got["week"], got["loop"]
    slower = {figure: (loop[f"dead_{figure}"] / loop[f"off_{figure}"] - 1) * 100
              for figure in ("seconds", "cpu_s")}
    rows = [
        ["one thread, a point", f"{one['p50_ns']:.0f} ns at the median, {one['p99_ns']:.0f} ns at "
         f"p99, {one['p999_ns'] / 1000:.1f} us at p99.9"],
        ["four threads", f"{four['points_per_s'] / 1e6:.1f} M points/s, of which "
         f"{four['thinned'] / four['points']:.0%} were thinned; {four['rss_mib']:.0f} MiB"],
        [f"{week['points'] / 6048000:.0f} % of a week at 1,000 points/s, in fast motion",
         f"{week['rss_mib']:.1f} MiB at most, {week['thinned']:.0f} points thinned, "
         f"{week['spool_mib'] * 2**20 / week['points']:.1f} bytes a point on disk"],
        [f"{loop['steps']} steps of a loop with a dead server",
         f"{loop['dead_seconds']:.2f} s, {slower['seconds']:+.1f} % beside "
         f"{loop['off_seconds']:.2f} s without logging; CPU of the loop {slower['cpu_s']:+.1f} %"],
    ]
    return ["", "## What the logger costs", "", *table(["what", "measured"], rows)]


def alone(results):
    """What one log-metric costs beyond the disk."""
    for row in results["rows"]:
        if row.get("fdatasync_us") and "ours" in row["targets"]:
            disk = median(row["fdatasync_us"])
            ours = row["targets"]["ours"]["p50_us"]
            return ["", f"One client's log-metric takes {time_text(ours)} at the median, an "
                    f"fdatasync measured between these windows {time_text(disk)}: "
                    f"{time_text(max(0, ours - disk))} more."]
    return []


def problems(results):
    lines = [f"- {row['key']}, {row['conns']} connections, {key}: {got['errors']} errors, first: "
             f"{got['first_error']}" for row in results["rows"]
             for key, got in row["targets"].items() if got["errors"]]
    lines += [f"- {text}" for text in results["wrong"]]
    return ["", "## Errors and answers that were wrong", "", *(lines or ["None."])]


def markdown(results, targets):
    lines = []
    for text in header(results):
        lines += [text, ""]
    lines += ["## Ratios", "", *ratios(results, targets), "", "## All figures", "",
              *details(results, targets)]
    if results["starts"]:
        lines += ["", "## Start and memory", "", *starts(results)]
    lines += alone(results) + growth(results) + client_costs(results)
    lines += module_costs(results) + model_costs(results, targets) + tree_costs(results)
    lines += logger_costs(results) + problems(results)
    return "\n".join(lines) + "\n"

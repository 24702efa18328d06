"""What bench/ui.py measures of charts: how long they take to come, and how evenly they move."""

import math
import random

LINES, POINTS = 200, 1000

# Collects the time between frames from now on; frameTimes() ends it and gives the times in order.
FRAMES = """void (window.frameTimes = (() => {
    const times = [];
    let last = performance.now(), next;
    const tick = now => {
        times.push(now - last);
        last = now;
        next = requestAnimationFrame(tick);
    };
    next = requestAnimationFrame(tick);
    return () => (cancelAnimationFrame(next), times.slice(2).sort((a, b) => a - b));
})())"""

LINES_ARE_THERE = "document.querySelector('.chart .u-over')"
FIRST_LINES = f"window.first = painted(() => {LINES_ARE_THERE});"
ANSWERS = ("performance.getEntriesByType('resource')"
           ".filter(e => e.name.endsWith('metrics/buckets')).length")


def in_95(times):
    return times[math.floor(0.95 * (len(times) - 1))]


def p95(page):
    return in_95(page.evaluate("window.frameTimes()"))


def worked_ms(session):
    """What the tab's main thread has worked so far."""
    metrics = session.send("Performance.getMetrics")["metrics"]
    return 1000 * next(m["value"] for m in metrics if m["name"] == "TaskDuration")


def wide_experiment(bench):
    """The experiment of 200 noisy lines of 1,000 points; made once for each server."""
    server = bench.server
    found = server.get("/api/2.0/mlflow/experiments/get-by-name", experiment_name="wide")
    if found.status == 200:
        return found.json["experiment"]["experiment_id"]
    rand = random.Random(1)
    experiment = server.create_experiment("wide")
    for number in range(LINES):
        run_id = server.create_run(experiment, run_name=f"wide-{number}",
                                   start_time=1_750_000_000_000 + number)["info"]["run_id"]
        rate = rand.uniform(0.004, 0.02)
        answer = server.call("runs/log-batch", {"run_id": run_id, "metrics": [
            {"key": "loss", "step": step, "timestamp": 1_750_000_000_000 + step,
             "value": 2 / (1 + step * rate) + rand.gauss(0, 0.02)} for step in range(POINTS)]})
        assert answer.status == 200, answer
    return experiment


def wide_chart(bench):
    """A tab with the 200 lines over the whole window; where their plotting area is."""
    path = f"/experiments/{wide_experiment(bench)}?view=charts&show=all&full=loss"
    page = bench.open(bench.tab(), path)
    area = page.locator("dialog .u-over")
    area.wait_for()
    page.wait_for_load_state("networkidle")
    return page, area.bounding_box()


def panned(bench):
    """The 95th of a hundred frames, in order of length, while 200 lines are panned, and what the
    main thread works in one on average: a frame is as long as the display makes it, at least."""
    page, box = wide_chart(bench)
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.keyboard.down("Shift")
    page.mouse.move(x, y)
    page.mouse.down()
    before = worked_ms(session)
    page.evaluate(FRAMES)
    for step in range(120):
        page.mouse.move(x - step * 3, y)
    worked = worked_ms(session) - before
    times = page.evaluate("window.frameTimes()")
    page.mouse.up()
    page.keyboard.up("Shift")
    bench.shut(page)
    return in_95(times), worked / len(times)


def pan(bench):
    return panned(bench)[0]


def pan_work(bench):
    return panned(bench)[1]


def hover(bench):
    """The same while the pointer goes over 200 lines."""
    page, box = wide_chart(bench)
    page.evaluate(FRAMES)
    for step in range(120):
        page.mouse.move(box["x"] + 40 + step * 7,
                        box["y"] + box["height"] * (0.4 + 0.3 * math.sin(step / 9)))
    took = p95(page)
    bench.shut(page)
    return took


def long_experiment(bench):
    run = bench.server.call("runs/get", {"run_id": bench.long_run}, "GET").json["run"]
    return run["info"]["experiment_id"]


def long_chart(bench):
    """From navigation to the line of two million points."""
    page = bench.open(bench.tab(FIRST_LINES),
                      f"/experiments/{long_experiment(bench)}?view=charts")
    took = page.evaluate("window.first")
    bench.shut(page)
    return took


def long_zoom(bench):
    """From a key that zooms into two million points to the detail."""
    page = bench.open(bench.tab(FIRST_LINES),
                      f"/experiments/{long_experiment(bench)}?view=charts")
    page.evaluate("window.first")
    page.wait_for_load_state("networkidle")
    took = bench.after(page, f"""
        const before = {ANSWERS};
        document.querySelector('.chart').dispatchEvent(
            new KeyboardEvent('keydown', {{key: '+', bubbles: true, cancelable: true}}))
        """, f"{ANSWERS} > before")
    bench.shut(page)
    return took


def brush(bench):
    """The 95th of a hundred frames while an axis of all runs is brushed."""
    page = bench.open(bench.tab(), f"/experiments/{bench.experiments['runs']}?view=compare&by=parallel")
    page.locator(".axis-head").first.wait_for()
    page.wait_for_load_state("networkidle")
    head = page.locator(".axis-head").last.bounding_box()
    box = page.locator(".drawing").bounding_box()
    x = head["x"] + head["width"] / 2
    page.mouse.move(x, box["y"] + box["height"] - 40)
    page.mouse.down()
    page.evaluate(FRAMES)
    for step in range(60):
        page.mouse.move(x, box["y"] + box["height"] - 40 - step * 5)
    took = p95(page)
    page.mouse.up()
    bench.shut(page)
    return took

"""For all Python tests: what a test said that failed at first and passed when tried again."""


def pytest_terminal_summary(terminalreporter):
    for report in terminalreporter.stats.get("rerun", []):
        terminalreporter.write_sep("_", f"failed at first: {report.nodeid}")
        report.toterminal(terminalreporter._tw)

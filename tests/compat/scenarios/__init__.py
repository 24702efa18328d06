"""The requests of the differential test, one module per part of the protocol.

Each module makes a `SCENARIOS` list; `ALL` is what the test runs, in order.
"""

from . import (artifacts, batches, datasets, evaluation, experiments, history, logged_models,
               logging, model_versions, models, options, pages, protocol, routes, runs,
               search_experiments, search_logged_models, search_models, search_runs, security,
               traces, webhooks)

ALL = [scenario
       for module in (experiments, search_experiments, runs, logging, batches, datasets, history,
                      search_runs, artifacts, models, model_versions, search_models, protocol,
                      routes, security, webhooks, pages, options,
                      logged_models, search_logged_models, evaluation, traces)
       for scenario in module.SCENARIOS]

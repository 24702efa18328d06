/* millstream/millstream.h - everything a program needs that tracks its experiments: include
 * this, link with -lmillstream (pkg-config millstream, or find_package(millstream) in CMake).
 *
 *   error.h        statuses, errors, borrowed text
 *   types.h        experiments, runs, metrics, params, tags, datasets and files as values
 *   client.h       opening a tracking URI; what holds for all calls
 *   experiments.h  experiments
 *   runs.h         runs, logging, search, metric history
 *   artifacts.h    the files of runs
 *   models.h       the model registry
 *   logged_models.h
 *                  what runs have trained
 *   prompts.h      the prompt registry
 *   eval_datasets.h
 *                  evaluation datasets
 *   log.h          warnings
 *   logger.h       logging that never waits for a server
 *   spool.h        what loggers have written: status, later delivery */
#ifndef MILLSTREAM_MILLSTREAM_H
#define MILLSTREAM_MILLSTREAM_H

#include <millstream/artifacts.h>
#include <millstream/client.h>
#include <millstream/error.h>
#include <millstream/eval_datasets.h>
#include <millstream/experiments.h>
#include <millstream/log.h>
#include <millstream/logged_models.h>
#include <millstream/logger.h>
#include <millstream/models.h>
#include <millstream/prompts.h>
#include <millstream/runs.h>
#include <millstream/spool.h>
#include <millstream/types.h>

#endif

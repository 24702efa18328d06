/* conformance_models.h - what stores with a model registry promise (store/store.h), as tests.
 */
#ifndef MILL_TESTS_CONFORMANCE_MODELS_H
#define MILL_TESTS_CONFORMANCE_MODELS_H

/* Runs all tests on stores of a scheme ("memory:", "sqlite:///"), with their files in
 * directory; returns the number of failures. */
int conformance_models_run(const char *name, const char *scheme, const char *directory);

#endif

"""The fluent functions: `import millstream as mlflow`, and a script logs to its active run.

They are attributes of `millstream` itself, which loads these modules when the first is used.
"""

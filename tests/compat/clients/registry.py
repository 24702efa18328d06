"""The model registry, through what clients since 1.30 have in common, and what came later.

Names are the caller's prefix and a word. Of versions that a search finds the aliases are left
out: the official server forgets them there.
"""

SOURCE = "s3://bucket/model"


def everything(r, client, prefix):
    name = prefix + "digits"
    models(r, client, prefix)
    versions(r, client, name)
    stages(r, client, name)
    tags(r, client, name)
    sources(r, client, name)
    if hasattr(client, "set_registered_model_alias"):
        aliases(r, client, name)
    searching(r, client, prefix)
    endings(r, client, prefix)


def shown(version):
    """A version as a search finds it."""
    return [version.name, int(version.version), version.current_stage, version.source,
            version.description, dict(version.tags)]


def models(r, client, prefix):
    name = prefix + "digits"
    r.step("model create", client.create_registered_model, name,
           tags={"team": "vision", "odd key": "ü"}, description="reads digits")
    r.step("model create again", client.create_registered_model, name)
    r.step("model create nameless", client.create_registered_model, "")
    r.step("model create plain", client.create_registered_model, prefix + "plain")
    r.step("model get", client.get_registered_model, name)
    r.step("model get plain", client.get_registered_model, prefix + "plain")
    r.step("model get unknown", client.get_registered_model, prefix + "nobody")
    r.step("model update", client.update_registered_model, name, "new words")
    r.step("model updated", client.get_registered_model, name)
    r.step("model update unknown", client.update_registered_model, prefix + "nobody", "x")
    r.step("model rename", client.rename_registered_model, prefix + "plain", prefix + "renamed")
    r.step("model rename to a taken name", client.rename_registered_model, prefix + "renamed", name)
    r.step("model rename unknown", client.rename_registered_model, prefix + "nobody", prefix + "x")
    r.step("model rename to nothing", client.rename_registered_model, name, " ")
    r.step("model get old name", client.get_registered_model, prefix + "plain")


def versions(r, client, name):
    r.step("version create", client.create_model_version, name, SOURCE, tags={"a": "1"},
           run_link="https://example.com/run", description="first")
    r.step("version create plain", client.create_model_version, name, SOURCE + "/2")
    r.step("version create third", client.create_model_version, name, SOURCE + "/3")
    r.step("version create of unknown", client.create_model_version, name + "nobody", SOURCE)
    r.step("version get", client.get_model_version, name, 1)
    r.step("version get plain", client.get_model_version, name, 2)
    r.step("version get unknown", client.get_model_version, name, 99)
    r.step("version update", client.update_model_version, name, 2, "new words")
    r.step("version updated", client.get_model_version, name, 2)
    r.step("version update unknown", client.update_model_version, name, 99, "x")
    r.step("version uri", client.get_model_version_download_uri, name, 2)
    r.step("version uri unknown", client.get_model_version_download_uri, name, 99)
    r.step("version delete", client.delete_model_version, name, 3)
    r.step("version delete again", client.delete_model_version, name, 3)
    r.step("version get deleted", client.get_model_version, name, 3)
    r.step("version number after deleted", lambda: client.create_model_version(
        name, SOURCE + "/4").version)


def stages(r, client, name):
    def staged():
        return {version.version: version.current_stage
                for version in client.get_registered_model(name).latest_versions}

    r.step("stage", client.transition_model_version_stage, name, 1, "Staging")
    r.step("stage in small letters", client.transition_model_version_stage, name, 2, "staging")
    r.step("stage latest", staged)
    r.step("stage archiving", client.transition_model_version_stage, name, 1, "Production", True)
    r.step("stage archives", client.transition_model_version_stage, name, 2, "Production",
           archive_existing_versions=True)
    r.step("stage archived", lambda: client.get_model_version(name, 1).current_stage)
    r.step("stage bad", client.transition_model_version_stage, name, 1, "Shipped")
    r.step("stage unknown version", client.transition_model_version_stage, name, 99, "Staging")
    r.step("stages", client.get_model_version_stages, name, 1)
    for wanted in (None, ["Production"], ["production", "None"], ["Staging"], ["Shipped"]):
        r.step("stage latest of %s" % wanted, lambda: sorted(
            [int(version.version), version.current_stage]
            for version in client.get_latest_versions(name, wanted)))
    r.step("stage latest of unknown", client.get_latest_versions, name + "nobody")


def tags(r, client, name):
    r.step("model tag", client.set_registered_model_tag, name, "team", "other")
    r.step("model tag number", client.set_registered_model_tag, name, "n", 5)
    r.step("model tag of unknown", client.set_registered_model_tag, name + "nobody", "a", "b")
    r.step("model tag delete", client.delete_registered_model_tag, name, "n")
    r.step("model tag delete again", client.delete_registered_model_tag, name, "n")
    r.step("model tags", lambda: client.get_registered_model(name).tags)
    r.step("version tag", client.set_model_version_tag, name, "1", "a", "2")
    r.step("version tag more", client.set_model_version_tag, name, "1", "b", "x")
    r.step("version tag of unknown", client.set_model_version_tag, name, "99", "a", "b")
    r.step("version tag delete", client.delete_model_version_tag, name, "1", "b")
    r.step("version tag delete again", client.delete_model_version_tag, name, "1", "b")
    r.step("version tags", lambda: client.get_model_version(name, 1).tags)


def sources(r, client, name):
    """A version's files belong to its run."""
    run = client.create_run("0")
    run_id, root = run.info.run_id, run.info.artifact_uri

    def create(source, of_run=run_id):
        return client.create_model_version(name, source, run_id=of_run)

    r.step("source of run", lambda: create(root + "/model").run_id == run_id)
    r.step("source of unknown run", create, root + "/model", "0" * 32)
    r.step("source above", create, root + "/../model")
    r.step("source local", create, "/etc")
    r.step("source local with scheme", create, "file:///etc")
    r.step("source local without run", create, "/etc", None)


def aliases(r, client, name):
    r.step("alias set", client.set_registered_model_alias, name, "champion", "1")
    r.step("alias of", lambda: client.get_model_version_by_alias(name, "champion").version)
    r.step("alias move", client.set_registered_model_alias, name, "champion", "2")
    r.step("alias more", client.set_registered_model_alias, name, "Challenger-1", "1")
    r.step("alias version", client.get_model_version, name, 2)
    r.step("alias model", lambda: client.get_registered_model(name).aliases)
    r.step("alias by", client.get_model_version_by_alias, name, "champion")
    r.step("alias unknown", client.get_model_version_by_alias, name, "nobody")
    r.step("alias bad", client.set_registered_model_alias, name, "not an alias", "1")
    r.step("alias latest", client.set_registered_model_alias, name, "latest", "1")
    r.step("alias like a version", client.set_registered_model_alias, name, "v1", "1")
    r.step("alias of unknown version", client.set_registered_model_alias, name, "x", "99")
    r.step("alias delete", client.delete_registered_model_alias, name, "Challenger-1")
    r.step("alias delete again", client.delete_registered_model_alias, name, "Challenger-1")
    r.step("alias goes with version", lambda: [
        client.delete_model_version(name, 2), client.get_registered_model(name).aliases])


def searching(r, client, prefix):
    for at, word in enumerate(("alpha", "beta", "gamma")):
        client.create_registered_model(prefix + "s " + word, tags={"at": str(at)})
        for number in range(at + 1):
            client.create_model_version(prefix + "s " + word, SOURCE + "/%s" % word,
                                        tags={"number": str(number)})
    ours = "name LIKE '%ss %%'" % prefix

    def names(**options):
        found = client.search_registered_models(**dict({"filter_string": ours}, **options))
        return [model.name for model in found]

    r.step("models", names)
    r.step("models in order", names, order_by=["name DESC"])
    r.step("models by name", names, filter_string="name = '%ss beta'" % prefix)
    r.step("models by name in any case", names, filter_string=ours.replace("LIKE", "ILIKE").upper())
    r.step("models by tag", names, filter_string=ours + " AND tags.at = '1'")
    r.step("models by bad filter", names, filter_string="size > 1")
    r.step("models by bad order", names, order_by=["size"])
    r.step("models too many", names, max_results=1001)
    first = r.step("models page 1", client.search_registered_models, filter_string=ours,
                   max_results=2)
    r.step("models page 2", client.search_registered_models, filter_string=ours, max_results=2,
           page_token=first.token)
    r.step("models bad token", names, page_token="nonsense")

    def found(text):
        """Those of this client: others may have run on the same server."""
        return sorted(shown(version) for version in client.search_model_versions(text)
                      if version.name.startswith(prefix))

    r.step("versions by name", found, "name = '%ss gamma'" % prefix)
    r.step("versions by source", found, "source_path = '%s/beta'" % SOURCE)
    r.step("versions by unknown run", found, "run_id = 'nobody'")
    r.step("versions by bad filter", found, "size > 1")
    if "order_by" in client.search_model_versions.__code__.co_varnames:
        r.step("versions in order", lambda: list(map(shown, client.search_model_versions(
            ours, order_by=["name", "version_number DESC"]))))
        r.step("versions by tag", found, ours + " AND tags.number = '1'")
        pages = client.search_model_versions(ours, max_results=4, order_by=["name"])
        r.step("versions pages", lambda: [len(pages), len(client.search_model_versions(
            ours, max_results=4, order_by=["name"], page_token=pages.token))])


def endings(r, client, prefix):
    if hasattr(client, "list_registered_models"):
        r.step("models listed", lambda: [model.name for model in client.list_registered_models()
                                         if model.name.startswith(prefix)])
        r.step("models listed in pages", lambda: len(client.list_registered_models(max_results=1)))
    r.step("model delete", client.delete_registered_model, prefix + "digits")
    r.step("model delete again", client.delete_registered_model, prefix + "digits")
    r.step("versions of a deleted model", lambda: len(client.search_model_versions(
        "name = '%sdigits'" % prefix)))
    r.step("model of a deleted name", client.create_registered_model, prefix + "digits")
    r.step("version of a deleted name", lambda: client.create_model_version(
        prefix + "digits", SOURCE).version)

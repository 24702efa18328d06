"""Prompts, which are registered models with a few tags, through the client of today."""


def shown(prompt):
    """A version of a prompt; entities of this kind do not list their own properties."""
    return {"name": prompt.name, "version": prompt.version, "template": prompt.template,
            "commit": prompt.commit_message, "tags": dict(prompt.tags),
            "aliases": list(prompt.aliases)}


def everything(r, client, prefix):
    name = prefix.strip() + "-prompt"
    r.step("prompt register", lambda: shown(client.register_prompt(
        name, "Say {{word}}.", commit_message="first", tags={"a": "1"})))
    r.step("prompt register again", lambda: shown(client.register_prompt(
        name, [{"role": "user", "content": "Shout {{word}}!"}], commit_message="second")))
    r.step("prompt load", lambda: shown(client.load_prompt(name, 1)))
    r.step("prompt load latest", lambda: shown(client.load_prompt("prompts:/%s@latest" % name)))
    r.step("prompt load unknown", client.load_prompt, name + "-nobody", 1)
    r.step("prompt load unknown version", client.load_prompt, name, 9)
    r.step("prompt alias", client.set_prompt_alias, name, "production", 1)
    r.step("prompt by alias", lambda: shown(client.load_prompt("prompts:/%s@production" % name)))
    r.step("prompt alias delete", client.delete_prompt_alias, name, "production")
    r.step("prompt tag", client.set_prompt_tag, name, "team", "vision")
    r.step("prompt version tag", client.set_prompt_version_tag, name, 1, "b", "2")
    r.step("prompt version tag delete", client.delete_prompt_version_tag, name, 1, "b")
    r.step("prompt get", lambda: dict(client.get_prompt(name).tags))
    r.step("prompt search", lambda: [p.name for p in client.search_prompts(
        "name LIKE '%s%%'" % name)])
    r.step("prompt search by tag", lambda: [p.name for p in client.search_prompts(
        "name = '%s' AND tags.team = 'vision'" % name)])
    r.step("prompt versions", lambda: sorted(
        p.version for p in client.search_prompt_versions(name)))
    r.step("prompt is no model", lambda: [
        model.name for model in client.search_registered_models("name = '%s'" % name)])
    r.step("prompt and model of one name", client.create_registered_model, name)
    r.step("prompt as model", client.get_registered_model, name)
    r.step("prompt delete versions", lambda: [
        client.delete_prompt_version(name, version) for version in ("1", "2")])
    r.step("prompt delete", client.delete_prompt, name)
    r.step("prompt deleted", client.get_prompt, name)

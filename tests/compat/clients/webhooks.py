"""Webhooks through the client, for generations that know them. Their address is public and never
called."""

from mlflow.entities.webhook import WebhookEvent

URL = "https://1.1.1.1/hook"


def shown(webhook):
    """All but its id and times; entities of this kind do not list their own properties."""
    return {"name": webhook.name, "url": webhook.url, "description": webhook.description,
            "status": str(webhook.status), "events": sorted(map(str, webhook.events)),
            "secret": webhook.secret}


def everything(r, client):
    made = []

    def create(**options):
        webhook = client.create_webhook(url=URL, **options)
        made.append(webhook.webhook_id)
        return shown(webhook)

    r.step("webhook create", lambda: create(
        name="one", events=["registered_model.created"], status="DISABLED",
        description="what for", secret="secret"))
    r.step("webhook create with entities", lambda: create(
        name="two", status="DISABLED",
        events=[WebhookEvent("prompt_tag", "set"), WebhookEvent("prompt_tag", "deleted")]))
    r.step("webhook get", lambda: shown(client.get_webhook(made[0])))
    r.step("webhook list", lambda: sorted(w.name for w in client.list_webhooks()))
    r.step("webhook pages", lambda: [len(client.list_webhooks(max_results=1)),
                                     client.list_webhooks(max_results=1).token is not None])
    r.step("webhook update", lambda: shown(client.update_webhook(
        made[0], name="other", events=["model_version.created"], description="new")))
    r.step("webhook bad name", client.create_webhook, "a b", URL, ["prompt.created"])
    r.step("webhook bad url", client.create_webhook, "a", "https://127.0.0.1/",
           ["prompt.created"])
    r.step("webhook delete", lambda: [client.delete_webhook(i) for i in made])
    r.step("webhook get deleted", lambda: client.get_webhook(made[0]))

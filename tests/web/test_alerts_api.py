"""Alerts through the API: how a series stands, what happened to it, and a mute that everybody can look up."""

from __future__ import annotations

from evalgate.core.alerts import Happening
from tests.production.watched import an_event
from tests.web.scenes import House


def test_an_alert_is_listed_told_muted_and_unmuted_and_the_audit_says_by_whom(house: House) -> None:
    an_event(house.service.store, Happening(cause="measured", floor=0.8, point=0.7, low=0.6, high=0.79, scored=90))
    reader, keeper = house.as_("key:read"), house.as_("maintainer")
    (alert,) = reader.get("/api/v1/alerts?suite=support").json()["alerts"]
    assert (alert["metric"], alert["slice"], alert["floor"], alert["muted_until"]) == ("answers", "", 0.8, None)
    told = reader.get(f"/api/v1/alerts/{alert['number']}").json()
    assert told["alert"] == alert
    (event,) = told["events"]
    assert (event["after"], event["body"]["point"]) == ("ALERT", 0.7)
    assert [(one["target"], one["state"]) for one in event["deliveries"]] == [
        ("oncall", "waiting"),
        ("team", "waiting"),
    ]
    path = f"/api/v1/alerts/{alert['number']}"
    assert keeper.post(f"{path}/mute", json={"hours": 4}).json()["muted_by"].startswith("user:")
    assert keeper.post(f"{path}/mute", json={"hours": 0}).status_code == 422
    assert keeper.post(f"{path}/unmute").status_code == 200
    noted = [(entry.action, entry.subject) for entry in house.service.store.audit.list(limit=2)]
    assert noted == [("alert.unmuted", f"alert:{alert['number']}"), ("alert.muted", f"alert:{alert['number']}")]


def test_nobody_of_another_project_sees_or_mutes_it(house: House) -> None:
    event = an_event(house.service.store)
    other = house.as_("other")
    assert other.get("/api/v1/alerts").json() == {"alerts": []}
    assert other.get(f"/api/v1/alerts/{event.alert}").status_code == 404
    assert other.post(f"/api/v1/alerts/{event.alert}/mute", json={"hours": 1}).status_code == 404

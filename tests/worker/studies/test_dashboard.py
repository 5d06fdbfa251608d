"""`optuna-dashboard` reads the storage of a study while it runs."""

import io
import json

from optuna.storages import RDBStorage
from optuna_dashboard import wsgi

from tests.search.runs import World


def get(app, path):
    """What the dashboard answers."""
    said = {}
    environ = {
        "REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": "", "SERVER_NAME": "test",
        "SERVER_PORT": "80", "wsgi.input": io.BytesIO(), "wsgi.errors": io.StringIO(),
        "wsgi.url_scheme": "http",
    }  # fmt: skip
    body = b"".join(app(environ, lambda status, headers, *_: said.update(status=status)))
    assert said["status"].startswith("200"), (said, body)
    return json.loads(body)


def test_the_dashboard_reads_a_study_while_it_runs(store):
    world = World(store, lambda run, epoch: 0.5 + epoch / 100)
    study = world.begin(max_trials=6)
    seen = []
    for _ in range(3):
        for run in world.queued():
            world.train(run)
        world.tick()
        # A fresh one each time: an open one looks again every ten seconds.
        app = wsgi(RDBStorage(store.settings.optuna_storage_url))
        (summary,) = get(app, "/api/studies")["study_summaries"]
        assert summary["study_name"] == f"search ({study.id})"
        trials = get(app, f"/api/studies/{summary['study_id']}")["trials"]
        seen.append(sum(trial["state"] == "Complete" for trial in trials))
    assert seen == [1, 2, 3]
    assert trials[0]["intermediate_values"] == [
        {"step": 1, "value": 0.51},
        {"step": 2, "value": 0.52},
        {"step": 3, "value": 0.53},
    ]
    world.finish(study)
    assert world.states(study) == ["complete"] * 6

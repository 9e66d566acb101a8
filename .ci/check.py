"""Checks the JSON documents of simulate and demo against R's answer."""

import json
import math
import sys

# glm(lang_delay ~ iq_verbal + iq_perf + girl + ses + repeated + lang_pre + arith_pre,
#     binomial, epsilon = 1e-14) on the complete cases, R 4.2.2.
DEVIANCE = 1921.0675

for path in sys.argv[1:]:
    with open(path) as f:
        d = json.load(f)
    assert d["institutions"] == 6, d["institutions"]
    assert d["rows_used"] == 3449 and d["events"] == 590, (d["rows_used"], d["events"])
    assert abs(d["deviance"] - DEVIANCE) < 1e-4, d["deviance"]
    assert d["converged"] is True
    assert d["audit"] == {"verified": True, "findings": []}, d["audit"]
    assert len(d["coefficients"]) == 8
    for c in d["coefficients"]:
        for key in ("estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high"):
            assert math.isfinite(c[key]), (c["term"], key)
    if "evaluation" not in d:  # the demo judges seven models, and says so
        assert d["opened_numbers_per_row"] <= 0.15, d["opened_numbers_per_row"]
    assert all(r["included"] == 6 and r["bytes_per_node"] > 0 for r in d["rounds"])
    assert d["log"]["size"] > 0 and len(d["log"]["root"]) == 64
    print(path.rsplit("/", 1)[-1], "agrees:", len(d["rounds"]), "rounds,", d["log"]["size"], "log entries")

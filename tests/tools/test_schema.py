#!/usr/bin/env python3
"""docs/results.schema.json is a schema, and one that refuses what it should."""

import copy
import json
import unittest

import jsonschema

import netduel_command as netduel

LEDGER = {
    "skipped": 0, "offered": 10, "refused": 1, "sent": 9, "delivered": 7,
    "lost_in_host": {"low": 1, "high": 2}, "lost_elsewhere": {"low": 0, "high": 1},
    "reordered": 0, "duplicates": 0, "foreign": 0, "corrupted": 0, "truncated": 0,
    "guaranteed_by_service": False, "checks": [{"name": "n", "passed": True, "detail": ""}],
}
GUARANTEED = {**LEDGER, "lost_in_host": None, "lost_elsewhere": None, "reordered": None,
              "duplicates": None, "guaranteed_by_service": True}
INTERVAL = {"median": 2.5, "low": None, "high": None, "method": "too few pairs"}
DELAY = {"p50": 1e-5, "p99": 2e-5, "max": 3e-4}


PERIODS = {"count": 1, "mean_length": 2.0, "longest": 2, "mean_distance": None,
           "noticeable_ratio": 0.5, "lengths": [{"length": 2, "count": 1}],
           "gilbert": {"good_to_bad": 0.1, "bad_to_good": 0.5}}
NONE = {"mean": None, "max": None}
RELIABILITY = {
    "loss_ratio": 0.2, "loss_interval": INTERVAL, "loss_periods": PERIODS, "duplicates": 0,
    "duplication_fraction": 0.0, "replicated_ratio": 0.0, "reordered": 0, "reordered_ratio": 0.0,
    "extent": NONE, "late_seconds": NONE, "byte_offset": NONE,
    "extents_cut": 0, "byte_offsets_cut": 0, "gap": {"mean": None},
    "free_run": {"mean": None}, "n_reordering": {"1": 0, "2": 0, "3": 0},
}
NOT_MEASURED = {key: None for key in RELIABILITY if key not in ("duplicates", "reordered")}
VARIATION = {
    "pdv_seconds": {"p50": 1e-6, "p99": 1e-5, "p999": 1e-4, "max": 1e-3},
    "ipdv_seconds": {"min": -1e-3, "p50": 0.0, "p99": 1e-5, "max": 1e-3},
    "jitter_rfc3550_seconds": None,
}


def summary(ledger, reliability):
    return {
        "goodput_bits_per_second": INTERVAL, "ledger": ledger,
        "guaranteed_by_service": ledger["guaranteed_by_service"], **reliability, **VARIATION,
        "overhead": {"transport_header_octets": 8, "ip_header_octets": 20,
                     "wire_efficiency_ratio": 0.95},
        "setup_seconds": 1e-5, "first_arrival_seconds": None, "delay_seconds": DELAY,
        "arrival_delay_seconds": {**DELAY, "stamped_by": "kernel"},
        "cpu_seconds_per_gigabyte": {"sender": 0.3, "receiver": None},
    }


DOCUMENT = {
    "schema": "netduel/compare/1", "host": {}, "plan": {},
    "trials": [{"part": "paced", "pair": 0, "transport": "udp", "ledger": LEDGER,
                "goodput_bits_per_second": 1e9}],
    "parts": {"full_speed": None,
              "paced": {"udp": summary(LEDGER, RELIABILITY), "tcp": summary(GUARANTEED, NOT_MEASURED)}},
    "ratios": {"full_speed": None,
               "paced": {"goodput": INTERVAL, "goodput_bootstrap": INTERVAL, "delay_p50": INTERVAL, "delay_p99": None}},
    "verdict": "no difference shown", "warnings": [{"id": "few_pairs", "text": "..."}],
    "interrupted": False,
}

# A path into the document, and a value there that must be refused.
REFUSED = [
    (["schema"], "netduel/compare/2"),
    (["interrupted"], "no"),
    (["error"], None),
    (["warnings", 0, "id"], "Two words"),
    (["plan"], {"path": "moon"}),
    (["plan"], {"path": "lab"}),
    (["trials", 0, "part"], "slow"),
    (["trials", 0, "ledger", "sent"], -1),
    (["trials", 0, "ledger", "sent"], None),
    (["parts", "paced", "udp", "ledger", "lost_in_host"], 3),
    (["parts", "paced", "tcp", "ledger", "lost_in_host"], {"low": 0, "high": 0}),
    (["parts", "paced", "tcp", "ledger", "duplicates"], 0),
    (["parts", "paced", "udp", "loss_ratio"], 1.5),
    (["parts", "paced", "udp", "loss_periods"], None),
    (["parts", "paced", "udp", "pdv_seconds", "p50"], -1e-6),
    (["parts", "paced", "udp", "n_reordering", "3"], 0.5),
    (["parts", "paced", "tcp", "loss_periods"], PERIODS),
    (["parts", "paced", "tcp", "duplication_fraction"], 0),
    (["parts", "paced", "udp", "setup_seconds"], "soon"),
    (["parts", "paced", "udp", "arrival_delay_seconds", "stamped_by"], "postman"),
    (["ratios", "paced", "goodput", "low"], "none"),
]


ANALYSIS = {
    "schema": "netduel/analyze/1", "streams": 1, "rows": 8, "sent": 10, "unique": 8, "lost": 2,
    "stale": 0,
    **RELIABILITY, **VARIATION,
    "delay_seconds": {"min": 0, "p50": 1, "p90": 1, "p99": 1, "p999": 1, "max": 1},
    "delay_with_losses_seconds": {"p50": 1, "p90": None, "p99": None, "p999": None},
    "reorder_density": {"threshold": 64, "displacements": [{"displacement": -1, "ratio": 1}],
                        "occupancies": []},
}


class Schema(unittest.TestCase):
    def setUp(self):
        schema = json.loads(netduel.SCHEMA.read_text())
        jsonschema.Draft202012Validator.check_schema(schema)
        self.validator = jsonschema.Draft202012Validator(schema)

    def test_a_right_document_passes_with_and_without_extra_keys(self):
        self.validator.validate(DOCUMENT)
        self.validator.validate({**DOCUMENT, "later": 1, "error": "port 9 is in use"})

    def test_an_analysis_is_another_document(self):
        self.validator.validate(ANALYSIS)
        for key in ANALYSIS:
            with self.subTest(key=key):
                wrong = {name: value for name, value in ANALYSIS.items() if name != key}
                self.assertFalse(self.validator.is_valid(wrong))
        self.assertFalse(self.validator.is_valid({**ANALYSIS, "schema": "netduel/compare/1"}))

    def test_wrong_values_are_refused(self):
        for path, value in REFUSED:
            with self.subTest(path=path, value=value):
                wrong = copy.deepcopy(DOCUMENT)
                place = wrong
                for step in path[:-1]:
                    place = place[step]
                place[path[-1]] = value
                self.assertFalse(self.validator.is_valid(wrong))

    def test_no_promised_key_may_be_missing(self):
        for path in ([], ["trials", 0], ["trials", 0, "ledger"], ["parts"],
                     ["parts", "paced", "udp"], ["parts", "paced", "udp", "arrival_delay_seconds"],
                     ["ratios", "paced"], ["ratios", "paced", "goodput"]):
            place = DOCUMENT
            for step in path:
                place = place[step]
            for key in place:
                with self.subTest(path=path, key=key):
                    wrong = copy.deepcopy(DOCUMENT)
                    inner = wrong
                    for step in path:
                        inner = inner[step]
                    del inner[key]
                    self.assertFalse(self.validator.is_valid(wrong))


if __name__ == "__main__":
    netduel.main()

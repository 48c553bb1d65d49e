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
INTEGRITY = {"verified": 7, "corrupted": 0, "bits_flipped": 0, "words_swapped": 0, "other": 0}
INTERVAL = {"median": 2.5, "low": None, "high": None, "method": "too few pairs"}
DELAY = {"p50": 1e-5, "p99": 2e-5, "max": 3e-4}


PERIODS = {"count": 1, "mean_length": 2.0, "longest": 2, "mean_distance": None,
           "noticeable_ratio": 0.5, "lengths": [{"length": 2, "count": 1}],
           "gilbert": {"good_to_bad": 0.1, "bad_to_good": 0.5},
           "gilbert_elliott": {"good_to_bad": None, "bad_to_good": None, "loss_in_bad": None}}
NONE = {"mean": None, "max": None}
RELIABILITY = {
    "loss_ratio": 0.2, "loss_interval": INTERVAL, "loss_periods": PERIODS, "duplicates": 0,
    "duplication_fraction": 0.0, "replicated_ratio": 0.0, "reordered": 0, "reordered_ratio": 0.0,
    "extent": NONE, "late_seconds": NONE, "byte_offset": NONE, "extents_cut": 0,
    "byte_offsets_cut": 0, "gap": {"mean": None}, "free_run": {"mean": None}, "n_reordering": {"1": 0, "2": 0, "3": 0},
}
NOT_MEASURED = {key: None for key in RELIABILITY if key not in ("duplicates", "reordered")}
VARIATION = {
    "pdv_seconds": {"p50": 1e-6, "p99": 1e-5, "p999": 1e-4, "max": 1e-3},
    "ipdv_seconds": {"min": -1e-3, "p50": 0.0, "p99": 1e-5, "max": 1e-3},
    "jitter_rfc3550_seconds": None,
}


def summary(ledger, reliability):
    return {
        "goodput_bits_per_second": INTERVAL, "ledger": ledger, "integrity": INTEGRITY,
        "checksum_errors": 3,
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
                "integrity": None, "checksum_errors": None, "goodput_bits_per_second": 1e9}],
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
    (["plan"], {"verify": 1}),
    (["trials", 0, "integrity"], 0),
    (["trials", 0, "checksum_errors"], -1),
    (["parts", "paced", "udp", "integrity", "corrupted"], None),
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
    "schema": "netduel/analyze/1", "streams": 1, "rows": 8, "sent": 10, "unique": 8, "lost": 2, "stale": 0,
    **RELIABILITY, **VARIATION,
    "delay_seconds": {"min": 0, "p50": 1, "p90": 1, "p99": 1, "p999": 1, "max": 1},
    "delay_with_losses_seconds": {"p50": 1, "p90": None, "p99": None, "p999": None},
    "reorder_density": {"threshold": 64, "displacements": [{"displacement": -1, "ratio": 1}],
                        "occupancies": []},
}


SELFTEST = {
    "schema": "netduel/selftest/1", "host": {"system": "Linux", "processors": 2}, "seed": 1,
    "seconds": 12.5, "verified": 1, "failed": 0, "not_verified": 1, "interrupted": False, "error": None,
    "checks": [
        {"id": "clock", "name": "n", "status": "verified", "detail": "It went on.", "because": None,
         "figures": {"backwards": 0, "backwards_across_processors": None}},
        {"id": "lab_rate", "name": "n", "status": "not_verified", "detail": "Nothing was measured.",
         "because": "no lab", "figures": {}}],
}

REFUSED_SELFTESTS = [
    (["schema"], "netduel/selftest/2"),
    (["host"], {}),
    (["failed"], None),
    (["error"], 3),
    (["checks", 0, "id"], "Two words"),
    (["checks", 0, "status"], "skipped"),
    (["checks", 0, "status"], "not_verified"),
    (["checks", 0, "because"], "it rained"),
    (["checks", 0, "detail"], "no sentence"),
    (["checks", 0, "figures", "backwards"], "none"),
    (["checks", 1, "because"], None),
    (["checks", 1, "because"], ""),
]

LOADED = {
    "name": "udp_up", "seconds": 5.0, "settling_seconds": 1.2, "rtt_by": "udp_probes",
    "round_trip_seconds": {"min": 0.5, "p50": 0.51, "p90": 0.52, "p99": 0.52, "max": 0.53},
    "probes": {"sent": 190, "answered": 189, "lost": 1},
    "load": {"transport": "udp", "direction": "up", "streams": 1, "congestion": None,
             "goodput_bits_per_second": 9.8e6, "offered_bits_per_second": 13e6, "loss_ratio": 0.25},
    "added_seconds": {"p50": 0.49, "p99": -0.01}, "queue_share_ratio": 0.96,
    "buffer_octets": 6e5, "queue_most_octets": 624918,
}
IDLE = {**LOADED, "name": "idle", "load": None, "added_seconds": None, "queue_share_ratio": None,
        "buffer_octets": None, "queue_most_octets": None}
BUFFERBLOAT = {
    "schema": "netduel/bufferbloat/1", "host": {},
    "plan": {"path": "server", "direction": "both", "time_seconds": 5, "settling_seconds": 1,
             "probe_interval_seconds": 0.02, "congestion": None, "tcp_streams": 4,
             "udp_bits_per_second": None, "seed": 1,
             "server": {"host": "b", "address": "192.0.2.2", "port": 5201, "is_netduel": True,
                        "version": "0.1.0"}},
    "phases": [IDLE, LOADED], "verdict": "Idle 20 ms",
    "warnings": [{"id": "still_growing", "text": "..."}], "interrupted": False,
}
REFUSED_BUFFERBLOAT = [
    (["error"], None),
    (["plan", "path"], "loopback"),
    (["plan", "path"], "lab"),
    (["plan", "direction"], "sideways"),
    (["phases", 0, "load"], LOADED["load"]),
    (["phases", 0, "queue_share_ratio"], 0),
    (["phases", 1, "name"], "sctp_up"),
    (["phases", 1, "load"], None),
    (["phases", 1, "load", "transport"], "tcp"),
    (["phases", 1, "load", "loss_ratio"], 1.5),
    (["phases", 1, "rtt_by"], "guess"),
    (["phases", 1, "round_trip_seconds", "p50"], None),
    (["phases", 1, "probes", "lost"], -1),
    (["phases", 1, "queue_share_ratio"], 1.1),
    (["phases", 1, "queue_most_octets"], -1),
]


CLOCK = {"offset_seconds": -5e-3, "bound_seconds": 2e-5, "skew": None, "stepped": False,
         "minimum_round_trip_seconds": 4e-5, "exchanges": 17, "same_host": False}
TRANSFER = {"start": 0, "end": 1.5, "seconds": 1.5, "bytes": 1000, "bits_per_second": 5e3, "sender": True}
START = {
    "connected": [{"socket": 5, "local_host": "192.0.2.1", "local_port": 40000,
                   "remote_host": "192.0.2.2", "remote_port": 5201}],
    "version": "netduel 0.1.0 (iperf 3.12)", "system_info": "Linux", "cookie": "abc",
    "timestamp": {"time": "Thu, 01 Jan 1970 00:00:00 GMT", "timesecs": 0},
    "connecting_to": {"host": "192.0.2.2", "port": 5201},
    "test_start": {"protocol": "UDP", "num_streams": 1, "blksize": 1000, "omit": 0, "duration": 1.5,
                   "bytes": 0, "blocks": 0, "reverse": 0, "tos": 0, "target_bitrate": 0},
}


def test_figures(ledger, reliability):
    return {"ledger": ledger, "integrity": INTEGRITY if ledger else None,
            "guaranteed_by_service": bool(ledger and ledger["guaranteed_by_service"]),
            **reliability, **VARIATION, "delay_seconds": DELAY, "arrival_delay_seconds": None,
            "delay_bound_seconds": 2e-5}


def test_document(end, figures, **more):
    return {
        "start": START,
        "intervals": [{"streams": [{**TRANSFER, "socket": 5, "omitted": False}],
                       "sum": {**TRANSFER, "omitted": False}}],
        "end": {"streams": [end], "sum_sent": TRANSFER, "sum_received": TRANSFER,
                "cpu_utilization_percent": {f"{place}_{kind}": 1.5 for place in ("host", "remote")
                                            for kind in ("total", "user", "system")}},
        "netduel": {"schema": "netduel/test/1", "version": "0.1.0", "peer_is_netduel": True,
                    "message_format": "probe", "interrupted": False, "fragments": None,
                    "clock": CLOCK, "warnings": [{"id": "clock_stepped", "text": "..."}],
                    **figures, "streams": [{"id": 1, "sender": True, **figures}], **more},
    }


UDP_TEST = test_document({"udp": {**TRANSFER, "jitter_ms": 0, "lost_packets": 0, "packets": 1,
                                  "lost_percent": 0, "out_of_order": 0}},
                         test_figures(LEDGER, RELIABILITY))
TCP_TEST = test_document({"sender": {**TRANSFER, "retransmits": 0}, "receiver": TRANSFER},
                         test_figures(GUARANTEED, NOT_MEASURED), retransmitted_segments=7)
STOCK_TEST = test_document({"udp": TRANSFER}, test_figures(None, NOT_MEASURED), clock=None)
FAILED_TEST = {
    "start": {"connected": [], "version": "v", "system_info": "s"}, "intervals": [], "end": {},
    "netduel": {**STOCK_TEST["netduel"], "streams": []}, "error": "connect to ...: Connection refused",
}

# The same of UDP_TEST.
REFUSED_TESTS = [
    (["schema"], "netduel/test/1"),
    (["error"], None),
    (["end", "sum_sent", "bytes"], -1),
    (["end", "sum_received_bidir_reverse"], {}),
    (["end", "streams"], [{}]),
    (["intervals", 0, "sum", "omitted"], 0),
    (["start", "test_start", "protocol"], "SCTP"),
    (["netduel", "schema"], "netduel/test/2"),
    (["netduel", "message_format"], "letter"),
    (["netduel", "clock", "skew"], 0.01),
    (["netduel", "clock", "stepped"], True),
    (["netduel", "clock", "exchanges"], None),
    (["netduel", "warnings", 0, "id"], "Two words"),
    (["netduel", "ledger", "sent"], None),
    (["netduel", "ledger"], None),
    (["netduel", "integrity"], {}),
    (["netduel", "loss_periods"], None),
    (["netduel", "delay_seconds", "p50"], "soon"),
    (["netduel", "delay_bound_seconds"], -1e-6),
    (["netduel", "streams", 0, "ledger", "delivered"], -1),
    (["netduel", "streams", 0, "sender"], 1),
]

FLOW = {"flow": 0, "transport": "tcp", "congestion": "cubic"}
PHASE_FLOW = {**FLOW, "goodput_bits_per_second": 1e6, "share_ratio": 1, "loss_ratio": None,
              "retransmitted_segments": 3}
FAIRNESS = {
    "schema": "netduel/fairness/1", "host": {},
    "plan": {"path": "lab", "lab": {"description": "", "mtu_octets": 1500, "a_to_b": {}, "b_to_a": {}},
             "bottleneck_bits_per_second": 2e7, "udp_bits_per_second": 1.5e7, "tcp_flows": 1, "udp_flows": 1,
             "ip_version": 4, "message_octets": 1448, "time_seconds": 5, "interval_seconds": 0.5,
             "settling_seconds": 1, "seed": 1},
    "phases": [{"name": "tcp_alone", "seconds": 4, "flows": [PHASE_FLOW],
                "tcp_goodput_bits_per_second": 1e6, "udp_goodput_bits_per_second": None, "jain_index": 1,
                "queue_seconds": 0.01, "queue_max_seconds": 0.02, "bottleneck_busy_ratio": 1}],
    "intervals": [{"phase": "tcp_alone", "settling": True, "start_seconds": 0, "seconds": 0.5,
                   "flows": [{key: PHASE_FLOW[key] for key in PHASE_FLOW if key != "share_ratio"}],
                   "queue_seconds": None}],
    "flows": [{**FLOW, "ledger": GUARANTEED}, {"flow": 1, "transport": "udp", "congestion": None, "ledger": None}],
    "summary": {"udp_goodput_bits_per_second": None, "udp_kept_ratio": None,
                "tcp_goodput_bits_per_second": {"tcp_alone": 1e6, "udp_joins": None, "udp_leaves": None},
                "tcp_fell_to_ratio": None, "tcp_recovered_to_ratio": None},
    "verdict": "none", "warnings": [], "interrupted": True,
}

# The same of FAIRNESS.
REFUSED_FAIRNESS = [
    (["schema"], "netduel/fairness/2"),
    (["error"], None),
    (["plan", "path"], "loopback"),
    (["plan", "time_seconds"], 0),
    (["phases", 0, "name"], "tcp"),
    (["phases", 0, "jain_index"], 1.5),
    (["phases", 0, "queue_seconds"], -1e-3),
    (["phases", 0, "flows", 0, "loss_ratio"], 0),
    (["phases", 0, "flows", 0, "transport"], "sctp"),
    (["phases", 0, "flows", 0, "flow"], -1),
    (["intervals", 0, "settling"], 0),
    (["intervals", 0, "phase"], "alone"),
    (["flows", 0, "ledger", "sent"], None),
    (["summary", "udp_kept_ratio"], "all"),
    (["summary", "tcp_goodput_bits_per_second", "udp_joins"], -1),
]


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

    def test_fairness_is_another_document(self):
        self.validator.validate(FAIRNESS)
        self.validator.validate({**FAIRNESS, "later": 1, "error": "no lab", "phases": [], "intervals": []})
        self.check_promised_keys(FAIRNESS, (
            [], ["plan"], ["phases", 0], ["phases", 0, "flows", 0], ["intervals", 0], ["intervals", 0, "flows", 0],
            ["flows", 0], ["summary"], ["summary", "tcp_goodput_bits_per_second"]))

    def test_latency_under_load_is_a_document_of_its_own(self):
        self.validator.validate({**BUFFERBLOAT, "later": 1, "error": "why", "truth": {}})
        nothing = {**IDLE, "rtt_by": None, "round_trip_seconds": None, "probes": None}
        self.validator.validate({**BUFFERBLOAT, "phases": [nothing]})

    def test_tests_between_hosts_are_iperf3s_document(self):
        for right in (UDP_TEST, TCP_TEST, STOCK_TEST, FAILED_TEST):
            self.validator.validate(right)
            self.validator.validate({**right, "later": 1, "title": "t", "error": "why"})

    def test_a_selftest_has_a_document_of_its_own(self):
        self.validator.validate(SELFTEST)
        self.validator.validate({**SELFTEST, "later": 1})
        self.assertFalse(self.validator.is_valid({**SELFTEST, "schema": "netduel/compare/1"}))

    def test_wrong_values_are_refused(self):
        for document, refused in ((DOCUMENT, REFUSED), (UDP_TEST, REFUSED_TESTS),
                                  (FAIRNESS, REFUSED_FAIRNESS), (SELFTEST, REFUSED_SELFTESTS),
                                  (BUFFERBLOAT, REFUSED_BUFFERBLOAT)):
            for path, value in refused:
                with self.subTest(path=path, value=value):
                    wrong = copy.deepcopy(document)
                    place = wrong
                    for step in path[:-1]:
                        place = place[step]
                    place[path[-1]] = value
                    self.assertFalse(self.validator.is_valid(wrong))

    def test_no_promised_key_may_be_missing(self):
        self.check_promised_keys(DOCUMENT, (
            [], ["trials", 0], ["trials", 0, "ledger"], ["parts"], ["parts", "paced", "udp"],
            ["parts", "paced", "udp", "integrity"],
            ["parts", "paced", "udp", "arrival_delay_seconds"], ["ratios", "paced"],
            ["ratios", "paced", "goodput"]))
        self.check_promised_keys(SELFTEST, ([], ["checks", 0], ["host"]))
        self.check_promised_keys(BUFFERBLOAT, (
            [], ["plan"], ["plan", "server"], ["phases", 0], ["phases", 1],
            ["phases", 1, "round_trip_seconds"], ["phases", 1, "probes"], ["phases", 1, "load"],
            ["phases", 1, "added_seconds"]))
        for document in (UDP_TEST, TCP_TEST):
            self.check_promised_keys(document, (
                [], ["start", "connected", 0], ["start", "test_start"], ["intervals", 0, "sum"],
                ["end", "sum_sent"], ["netduel", "clock"]))
        optional = ("retransmitted_segments",)
        self.check_promised_keys(UDP_TEST, (["netduel"], ["netduel", "streams", 0]), optional)
        self.check_promised_keys(TCP_TEST, (["netduel"], ["netduel", "streams", 0]), optional)

    def check_promised_keys(self, document, paths, optional=()):
        for path in paths:
            place = document
            for step in path:
                place = place[step]
            for key in place:
                if key in optional:
                    continue
                with self.subTest(path=path, key=key):
                    wrong = copy.deepcopy(document)
                    inner = wrong
                    for step in path:
                        inner = inner[step]
                    del inner[key]
                    self.assertFalse(self.validator.is_valid(wrong))


if __name__ == "__main__":
    netduel.main()

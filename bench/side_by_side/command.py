"""What bench/loopback and bench/veth have in common: options, the run, the output."""

import argparse
import json
import os
import pathlib
import random
import shutil
import sys

from . import document, networks
from .peers import PEERS, first_line
from .processes import Failed, Process, end_on_signals
from .rows import HELD_AGAINST, OFFLOAD, ROWS, SINGLE, judge, run_row
from .runs import placement

PROJECT = pathlib.Path(__file__).resolve().parents[2]
BUILT = PROJECT / "build/release/bin"
PLACED = {"apart": "the two ends on processors apart, as netduel's are",
          "scheduler": "both ends wherever the scheduler puts them"}


def options_of(name, text, default_program):
    parser = argparse.ArgumentParser(
        prog=f"bench/{name}", description=text,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=10, help="10; below 6 there is no interval")
    parser.add_argument("--seconds", type=int, default=2, help="of each run, whole ones (2)")
    parser.add_argument("--rows", default=",".join(row.name for row in ROWS),
                        help="of %(default)s, with commas between")
    parser.add_argument("--peers", default=",".join(peer.name for peer in PEERS),
                        help="of %(default)s; iperf3 is what the bars are held against")
    parser.add_argument("--placement", choices=PLACED, default="apart",
                        help="of the peers' ends: on processors apart as netduel's (the default), "
                             "or left to the scheduler")
    parser.add_argument("--seed", type=int, default=1, help="of the order inside the rounds (1)")
    parser.add_argument("--json", metavar="FILE", help="write the results as JSON too")
    parser.add_argument("--markdown", metavar="FILE", help="write the table there, not to stdout")
    parser.add_argument("--netduel", metavar="PATH", default=str(BUILT / default_program),
                        help="the program to measure (%(default)s)")
    options = parser.parse_args()
    options.rows = chosen(parser, "row", options.rows, ROWS)
    options.peers = chosen(parser, "peer", options.peers, PEERS)
    if options.rounds < 1 or options.seconds < 1:
        parser.error("--rounds and --seconds are more than 0")
    return options


def chosen(parser, what, text, known):
    names = text.split(",")
    for name in names:
        if name not in [one.name for one in known]:
            parser.error(f"no {what} {name}: there are {', '.join(one.name for one in known)}")
    return [one for one in known if one.name in names]


def check_programs(name, options):
    if not os.access(options.netduel, os.X_OK):
        sys.exit(f"bench/{name}: no program {options.netduel}; cmake --preset release && cmake "
                 "--build build/release makes it")
    missing = [peer.name for peer in options.peers if shutil.which(peer.name) is None]
    if missing:
        sys.exit(f"bench/{name}: {missing[0]} is missing: scripts/install-deps --bench installs "
                 "it, or --peers leaves it out")


def show(text):
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def main(name, text, make_path, netduel_kind, default_program):
    networks.become_root_of_a_user_namespace()
    options = options_of(name, text, default_program)
    check_programs(name, options)
    end_on_signals()
    try:
        results = measure(options, make_path(), netduel_kind)
    except (Failed, networks.Unavailable) as failure:
        show("")
        sys.exit(f"bench/{name}: {failure}")
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(results, indent=1) + "\n")
    table = document.as_markdown(results)
    if options.markdown:
        pathlib.Path(options.markdown).write_text(table)
    else:
        print(table, end="")


def measure(options, path, netduel_kind):
    results = {"schema": "netduel/bench/1", "path": path.name, "rounds": options.rounds,
               "seconds": options.seconds, "seed": options.seed,
               "peers_placed": PLACED[options.placement], "machine": document.machine(),
               "versions": {"netduel": netduel_version(), **{peer.name: peer.version()
                                                             for peer in options.peers}},
               "held_against": HELD_AGAINST,
               "delivered": {"netduel": netduel_kind.delivered,
                             **{peer.name: peer.delivered for peer in options.peers}},
               "rows": []}
    order = random.Random(options.seed)
    for row in options.rows:
        ways = [netduel_kind(path, options.netduel, way, offload=way == OFFLOAD)
                for way in (OFFLOAD, SINGLE) if way in row.bars]
        peers = [peer(path, placement(options.placement)) for peer in options.peers
                 if row.transport in peer.transports]
        handovers = []
        runs = run_row(row, ways + peers, options.rounds, options.seconds, order, show,
                       lambda: handovers.extend(handover(path)))
        results["rows"].append(document.describe_row(row, runs, judge(row, runs), handovers))
    show("")
    return results


def handover(path):
    """Gigabytes a second from one processor to the other; nothing where that can't be told."""
    apart = placement("apart")
    program = BUILT / "netduel_handover"
    if apart.sender == apart.receiver or not program.exists():
        return []
    with Process([program, min(apart.sender), min(apart.receiver)], path.sender,
                 os.sched_getaffinity(0)) as process:
        return [float(process.finished(60))]


def netduel_version():
    command = BUILT / "netduel"
    return first_line(str(command), "--version").split()[-1] if command.exists() else "unknown"

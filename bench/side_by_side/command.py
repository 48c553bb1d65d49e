"""What bench/loopback and bench/veth have in common: options, the run, the output."""

import datetime
import json
import os
import pathlib
import random
import shlex
import shutil
import sys

from . import document, networks, usage
from .peers import PEERS, first_line
from .processes import Failed, Process, end_on_signals
from .rows import HELD_AGAINST, OFFLOAD, ROWS, SINGLE, judge, run_row
from .runs import placement

PROJECT = pathlib.Path(__file__).resolve().parents[2]
BUILT = PROJECT / "build/release/bin"
PLACED = {"apart": "the two ends on processors apart, as netduel's are",
          "scheduler": "both ends wherever the scheduler puts them"}


def parser_of(name, text, default_program):
    parser = usage.Parser(f"bench/{name}", text)
    parser.add_argument("--rounds", type=usage.whole(1), default=10,
                        help="10; below 6 there is no interval")
    parser.add_argument("--seconds", type=usage.whole_seconds, default=2,
                        help="of each run, whole ones (2)")
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
    return parser


def read_options(parser):
    options = parser.parse_args()
    options.rows = chosen(parser, "--rows", options.rows, ROWS)
    options.peers = chosen(parser, "--peers", options.peers, PEERS)
    parser.program("--netduel", options.netduel)
    options.json = parser.output("--json", options.json)
    options.markdown = parser.output("--markdown", options.markdown)
    missing = [peer.name for peer in options.peers if shutil.which(peer.name) is None]
    if missing:
        parser.error(f"{missing[0]} is missing: scripts/install-deps --bench installs it, or "
                     "--peers leaves it out")
    return options


def chosen(parser, option, text, known):
    names = parser.chosen(option, text, [one.name for one in known])
    return [one for one in known if one.name in names]


def show(text):
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def main(name, text, make_path, netduel_kind, default_program):
    networks.become_root_of_a_user_namespace()
    options = read_options(parser_of(name, text, default_program))
    end_on_signals()
    try:
        results = measure(options, make_path(), netduel_kind)
    except (Failed, networks.Unavailable) as failure:
        show("")
        sys.exit(f"bench/{name}: {failure}")
    if options.json:
        options.json.write(json.dumps(results, indent=1) + "\n")
    table = document.as_markdown(results)
    if options.markdown:
        options.markdown.write(table)
    else:
        print(table, end="")


def measure(options, path, netduel_kind):
    results = {"schema": "netduel/bench/2", "path": path.name,
               "began": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
               "command": shlex.join(sys.argv), "rounds": options.rounds,
               "seconds": options.seconds, "seed": options.seed,
               "peers_placed": PLACED[options.placement], "machine": document.machine(),
               "versions": {"netduel": netduel_version(options.netduel),
                            **{peer.name: peer.version() for peer in options.peers}},
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


def netduel_version(program):
    """Of the program that is measured; netduel_over_networks tells it in the same words."""
    words = first_line(program, "--version").split()
    if len(words) != 2 or words[0] != "netduel":
        raise Failed(f"{program} --version says '{' '.join(words)}', which isn't netduel's answer")
    return words[1]

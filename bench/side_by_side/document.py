"""The results as one document, and that as a table."""

import os
import pathlib
import platform
import statistics

from . import networks
from .intervals import median_with_interval


def setting(name):
    try:
        return pathlib.Path("/proc/sys", name).read_text(encoding="ascii").strip()
    except OSError:
        return None


def processor_model():
    for line in pathlib.Path("/proc/cpuinfo").read_text(encoding="ascii").splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def machine():
    return {"processor": processor_model(), "processors": len(os.sched_getaffinity(0)),
            "kernel": platform.release(), "user": networks.user(),
            "load_before": os.getloadavg()[0],
            **{key: setting(f"net/core/{key}")
               for key in ("rmem_default", "rmem_max", "wmem_default", "wmem_max")}}


def describe_runs(runs, message_octets):
    rates = median_with_interval([run.octets_per_second for run in runs])
    costs = [run.cpu_seconds_per_gigabyte for run in runs if run.octets]
    return {"bits_per_second": 8 * rates.median,
            "messages_per_second": rates.median / message_octets,
            "messages_per_second_low": rates.low and rates.low / message_octets,
            "messages_per_second_high": rates.high and rates.high / message_octets,
            "cpu_seconds_per_gigabyte": statistics.median(costs) if costs else None,
            "runs": [{"octets": run.octets, "seconds": run.seconds,
                      "cpu_seconds": run.cpu_seconds, **run.facts} for run in runs]}


def describe_row(row, runs, ratios, handovers=()):
    return {"row": row.name, "transport": row.transport, "message_octets": row.message_octets,
            "write_octets": row.write_octets, "congestion": row.congestion,
            "description": row.describe(),
            "programs": {name: describe_runs(of, row.message_octets) for name, of in runs.items()},
            "handover_gigabytes_per_second": list(handovers), "ratios": ratios}


def ratio_text(ratio):
    if ratio is None:
        return ""
    if ratio["low"] is None:
        return f"{ratio['median']:.2f} (no interval)"
    return f"{ratio['median']:.2f} [{ratio['low']:.2f}, {ratio['high']:.2f}]"


def fact_text(runs, name):
    """One number, or from which to which where the runs differ."""
    known = [run[name] for run in runs if run.get(name) is not None]
    if not known:
        return "unknown"
    least, most = min(known), max(known)
    return f"{least:,}" if least == most else f"{least:,} to {most:,}"


def super_packet_text(runs):
    if "largest_super_packet_octets" not in runs[0]:
        return "none"
    octets = fact_text(runs, "largest_super_packet_octets")
    if octets == "unknown":
        return octets
    messages = fact_text(runs, "largest_super_packet_messages")
    return f"{octets} octets, {messages} message{'' if messages == '1' else 's'}"


def write_text(runs, write_octets):
    """What is offered at a time and, where the program tells it, what the kernel took at once."""
    if "largest_write_octets" not in runs[0]:
        return f"{write_octets:,} octets"
    largest = fact_text(runs, "largest_write_octets")
    return f"{write_octets:,} octets a batch, at most {largest} in one write"


def row_as_markdown(row):
    udp = row["transport"] == "udp"
    lines = [f"### {row['row']}: {row['description']}", "",
             f"| | {'messages/s' if udp else 'Gb/s'} | CPU s/GB | x iperf3 | bar | reached | "
             f"{'super-packet' if udp else 'write'} | buffers: send, receive |",
             "|---|---:|---:|---:|---|---|---|---|"]
    for name, program in row["programs"].items():
        ratio = next((one for one in row["ratios"] if (one["of"], one["to"]) == (name, "iperf3")),
                     None)
        rate = (f"{program['messages_per_second']:,.0f}" if udp
                else f"{program['bits_per_second'] / 1e9:.2f}")
        runs = program["runs"]
        carried = super_packet_text(runs) if udp else write_text(runs, row["write_octets"])
        buffers = ", ".join(fact_text(runs, f"{side}_buffer_octets")
                            for side in ("send", "receive"))
        lines.append(
            f"| {name} | {rate} | {program['cpu_seconds_per_gigabyte']:.3g} | {ratio_text(ratio)} | "
            f"{ratio['bar'] if ratio else ''} | {ratio['reached'] if ratio else ''} | {carried} | "
            f"{buffers} |")
    if handovers := row["handover_gigabytes_per_second"]:
        lines += ["", "Before each round the two processors handed each other "
                  f"{statistics.median(handovers):.1f} GB/s [{min(handovers):.1f}, "
                  f"{max(handovers):.1f}]."]
    return "\n".join(lines)


def as_markdown(document):
    host = document["machine"]
    confidences = {ratio["confidence"] for row in document["rows"] for ratio in row["ratios"]
                   if ratio["confidence"]}
    interval = (f"an interval of {min(confidences):.1%} confidence (order statistics)"
                if confidences else "no interval, which takes six rounds")
    versions = ", ".join(f"{name} {version}" for name, version in document["versions"].items())
    head = [f"{document['path']}, {document['rounds']} rounds of {document['seconds']:g} s, seed "
            f"{document['seed']}; {host['processors']} x {host['processor']}, Linux "
            f"{host['kernel']}; {versions}.",
            f"Peers: {document['peers_placed']}. Buffers: the system's default for all. Figures "
            f"are medians of what was delivered, ratios medians of paired ones with {interval}."]
    return "\n\n".join(["\n".join(head), *map(row_as_markdown, document["rows"])]) + "\n"

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "measure/integrity.hpp"
#include "netduel/base/report.hpp"
#include "netduel/measure/ledger.hpp"
#include "netduel/measure/metrics.hpp"
#include "session/trial.hpp"

namespace netduel {

using Trials = std::span<const TrialResult* const>;

/// Delivered payload bits per second, of a paced trial over the time that it was for; 0 when
/// nothing came.
double goodput(const TrialResult& trial);
/// A figure of those trials that ran to their end or, when none did, of all.
std::vector<double> over_whole_trials(Trials trials, double (*figure)(const TrialResult&));

/// Missing by sent; nullopt when nothing was sent.
std::optional<double> loss_ratio(const Ledger& ledger);

/// One transport's figures over the trials of one part.
struct Summary {
  Plan plan;
  /// In all of the trials; `delays` also where the clocks of two hosts are known well enough.
  Knowledge known;
  std::vector<double> goodputs;
  /// Payload bits per second that the transport took; the wire carried these and their headers.
  std::vector<double> sent_rates;
  Ledger ledger;
  std::optional<IntegrityCounts> integrity;
  /// By the receiving host's counters; absent when unknown of any trial.
  std::optional<std::uint64_t> checksum_errors = 0;
  LossPeriods loss_periods;
  Reordering reordering;
  Duplication duplication;
  /// Empty where the delays of a trial aren't known.
  Delay delay;
  /// The largest of the trials'.
  std::optional<double> delay_bound_seconds;
  DurationHistogram pdv;
  SignedDurationHistogram ipdv;
  /// The median of the trials' own.
  std::optional<std::chrono::duration<double>> jitter_rfc3550;
  std::uint64_t stamped_by_kernel = 0;
  std::uint64_t stamped_by_application = 0;
  /// Medians over the trials, in seconds.
  std::optional<double> setup_seconds;
  std::optional<double> first_arrival_seconds;
  std::optional<double> sender_cpu_seconds_per_gigabyte;
  std::optional<double> receiver_cpu_seconds_per_gigabyte;
  /// How late batches left after they were due; empty without a schedule.
  DurationHistogram send_lateness;
  std::optional<double> delivered_messages_per_second;
  std::size_t largest_super_packet_octets = 0;
  SocketCounters sender_socket;
  SocketCounters receiver_socket;
  std::optional<std::uint64_t> retransmitted_segments;
  std::string congestion;
  /// 12 with timestamps (RFC 7323), 0 without.
  std::size_t tcp_options_octets = 0;
};

/// Of at least one trial, all of one transport and plan.
Summary summarize(Trials trials);

/// The rows of a part's transport; those of a single trial have a plain number as goodput.
void describe(const Summary& summary, Report& report);
void describe_trial(const TrialResult& trial, Report& report);

/// Of these rows what tells of loss, duplicates and order, from `ledger` and its metrics: absent,
/// key by key, where the service guarantees it.
void describe_reliability(const Summary& summary, Report& report);
/// The same keys, all absent.
void describe_no_losses(Report& report);

}  // namespace netduel

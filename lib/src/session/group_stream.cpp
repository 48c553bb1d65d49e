#include "session/group_stream.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace netduel {
namespace {

/// Announcements come each half second, so four in a row were lost or the sender is gone.
constexpr auto longest_silence = std::chrono::milliseconds(2500);
/// What a sender may take to send all that it said it would, and close.
constexpr auto longest_overrun = std::chrono::seconds(10);
/// How long a queue on the way may take to empty after the closing.
constexpr auto longest_queue = std::chrono::seconds(3);
/// While messages go a sender announces each 500 ms, and once more each time that the number of
/// receivers has grown by half, which is 20 times up to 4096. The closings are at least as many.
constexpr auto announcement_interval = std::chrono::milliseconds(500);
constexpr std::uint64_t other_control_datagrams = 30;

/// One bit for each message: of two seconds of the stream, in 8 KiB at least, as many receivers may
/// share a process.
std::uint64_t window_span(const std::optional<group::Announcement>& announcement) {
  constexpr std::uint64_t least = std::uint64_t{1} << 16;
  if (!announcement || announcement->messages_per_second <= 0) return SequenceWindow::default_span;
  const double two_seconds = 2 * announcement->messages_per_second;
  return two_seconds >= static_cast<double>(SequenceWindow::default_span)
             ? SequenceWindow::default_span
             : std::max(least, static_cast<std::uint64_t>(two_seconds));
}

}  // namespace

GroupStream::GroupStream(const Endpoint& source, MessageFormat format, Deadline joined,
                         std::uint32_t queue_drops)
    : source_(source), format_(format), joined_(joined), drops_before_(queue_drops) {}

std::uint64_t GroupStream::id() const {
  if (announcement_) return announcement_->stream;
  return closing_ ? closing_->stream : 0;
}

bool GroupStream::contradicts(const group::Announcement& announcement, const Endpoint& from) const {
  if (control_ && *control_ != from) return true;
  if (closing_ && announcement.sent > closing_->sent) return true;
  // One that was overtaken by the next says less, and no harm is done.
  if (!announcement_) return book_ && message_octets_ != announcement.message_octets;
  return announcement.message_octets != announcement_->message_octets ||
         announcement.verified != announcement_->verified ||
         announcement.pattern_seed != announcement_->pattern_seed;
}

bool GroupStream::announce(const group::Announcement& announcement, const Endpoint& from,
                           Deadline now) {
  if (contradicts(announcement, from)) return false;
  ++control_datagrams_;
  note_heard(now);
  control_ = from;
  if (!announcement_) {
    if (!book_) first_sent_ = announcement.sent;
    if (book_ && announcement.verified) book_->verify(announcement.pattern_seed);
    message_octets_ = announcement.message_octets;
  }
  if (!announcement_ || announcement.sent >= announcement_->sent) announcement_ = announcement;
  if (!book_ && !prepared_) prepared_ = made_book();
  return true;
}

bool GroupStream::close(const group::Closing& closing, const Endpoint& from, Deadline now) {
  if (control_ && *control_ != from) return false;
  if (announcement_ && closing.sent < announcement_->sent) return false;
  if (book_ && closing.sent < counted_from_ + book_->next_expected()) return false;
  if (closing_ && closing_->sent != closing.sent) return false;
  ++control_datagrams_;
  note_heard(now);
  control_ = from;
  if (!closing_) closed_at_ = now;
  closing_ = closing;
  return true;
}

/// Its own, and of no later number than can have been sent.
bool GroupStream::has_room_for(std::uint64_t number) const {
  return !closing_ || number < closing_->sent;
}

bool GroupStream::has_other_length(std::size_t octets) const {
  return octets != message_octets_ && !has_any_length(format_);
}

/// Its last message is there.
void GroupStream::end_with(std::uint64_t messages, Deadline now) {
  closing_.emplace();
  closing_->data_port = source_.port();
  closing_->offered = messages;
  closing_->sent = messages;
  closed_at_ = now;
}

bool GroupStream::observe(const Received& received, Deadline now) {
  const std::size_t octets = received.payload.size();
  const std::uint64_t expected = book_ ? counted_from_ + book_->next_expected() : 0;
  const auto header = decode(format_, received.payload, expected);
  if (!header && message_octets_ == 0) return false;
  if (settled_) return true;
  const bool last = header && is_last(format_, received.payload);
  // Copies, so that one comes; without anything before it, it is of a stream that is over.
  if (last && (closing_ || !book_)) return closing_ && header->sequence + 1 == closing_->sent;
  if (message_octets_ == 0) message_octets_ = octets;
  note_heard(now);
  if (!book_) {
    if (!header || has_other_length(octets) || !has_room_for(header->sequence)) return false;
    begin(header->sequence);
    first_message_ = now;
    control_datagrams_ = 0;
  }
  ReceiverCounts& counts = book_->report().counts;
  if (received.truncated || (octets < message_octets_ && has_other_length(octets))) {
    ++counts.truncated;
    return true;
  }
  if (!header || has_other_length(octets) || !has_room_for(header->sequence)) {
    book_->count_corrupted(received.payload);
    return true;
  }
  last_message_ = now;
  // Overtaken by one that was sent later: it isn't known that this receiver was to have it.
  if (header->sequence < counted_from_) return true;
  const auto placement = book_->observe(received, *header, header->sequence - counted_from_,
                                        received.queue_drops - drops_before_);
  if (!placement) return true;
  missing_->observe({.sequence = header->sequence, .octets = 0}, *placement);
  // What came before it is no more than that, or it tells nothing.
  if (last && header->sequence + 1 == counted_from_ + book_->next_expected()) {
    end_with(header->sequence + 1, now);
  }
  if (received.packet != nullptr && received.packet->hop_limit) {
    hop_limit_ = received.packet->hop_limit;
  }
  return true;
}

/// Numbers count from the first announcement on, if that came before any message, and else from the
/// first that came.
void GroupStream::begin(std::uint64_t number) {
  counted_from_ = std::min(first_sent_.value_or(number), number);
  book_ = prepared_ ? std::move(prepared_) : made_book();
  missing_ = std::make_unique<MissingRuns>(counted_from_);
}

std::unique_ptr<ArrivalBook> GroupStream::made_book() const {
  return std::make_unique<ArrivalBook>(
      ArrivalBook::Options{.checks_times = format_ == MessageFormat::probe,
                           .verify = announcement_ && announcement_->verified,
                           .pattern_seed = announcement_ ? announcement_->pattern_seed : 0,
                           .window_span = window_span(announcement_),
                           .logged_arrivals = 0});
}

void GroupStream::note_heard(Deadline now) {
  if (!first_heard_) first_heard_ = now;
  last_heard_ = now;
}

bool GroupStream::gives_way_to(const Endpoint& control, Deadline now) const {
  return control_ == control || closing_ || now - last_heard_ > longest_silence;
}

Deadline GroupStream::over_at(std::chrono::nanoseconds drain) const {
  if (closing_) {
    const Deadline arrived = std::max(closed_at_, last_message_);
    return std::min(arrived + drain, closed_at_ + drain + longest_queue);
  }
  Deadline over = last_heard_ + longest_silence;
  if (announcement_ && announcement_->time.count() > 0 && book_) {
    // A sender that goes on saying so is not believed forever.
    constexpr auto most = std::chrono::hours(24 * 365);
    const auto time = std::min<std::chrono::nanoseconds>(announcement_->time, most);
    over = std::min(over, first_message_ + time + longest_overrun);
  }
  return over;
}

LiveFigures GroupStream::figures() const {
  return book_ ? book_->figures() : LiveFigures{};
}

std::uint64_t GroupStream::counted_from() const {
  if (book_) return counted_from_;
  return first_sent_.value_or(closing_ ? closing_->sent : 0);
}

std::uint64_t GroupStream::end() const {
  if (closing_) return std::max(closing_->sent, counted_from());
  const std::uint64_t seen = book_ ? counted_from_ + book_->next_expected() : counted_from();
  // What has been announced as sent was sent, whether or not it came.
  return std::max(seen, announcement_ ? announcement_->sent : 0);
}

void GroupStream::settle(const Context& context) {
  if (settled_) return;
  settled_ = context;
  if (!missing_) missing_ = std::make_unique<MissingRuns>(counted_from());
  missing_->finish(end());
}

/// Announcements have no numbers, so nobody knows how many of them were dropped with the messages.
std::uint64_t GroupStream::control_datagrams_unheard_at_most() const {
  if (!book_ || !control_) return 0;
  const auto most =
      static_cast<std::uint64_t>((last_heard_ - first_message_) / announcement_interval) +
      other_control_datagrams;
  return most - std::min(most, control_datagrams_);
}

ReceiverReport GroupStream::closed(ReceiverReport report, const Context& context) const {
  report.counts.foreign = context.foreign;
  report.socket = context.socket;
  report.host = context.host;
  report.receiving = context.receiving;
  if (book_) report.last_read = last_message_ - first_message_;
  auto drops = context.socket.receive_queue_drops;
  if (drops) *drops = static_cast<std::uint32_t>(*drops) - drops_before_;
  if (book_) {
    book_->close(report, end() - counted_from_, drops);
  } else {
    report.stream_messages = end() - counted_from();
    report.counts.drops_known = drops.has_value();
    report.counts.drop_gaps.close(report.stream_messages, drops);
    report.meter.finish(report.stream_messages);
  }
  return report;
}

Ledger GroupStream::ledger(const ReceiverCounts& counts, std::uint64_t messages,
                           const Context& context) const {
  SenderCounts sender;
  sender.sent = messages;
  sender.offered = sender.sent;
  // How much of the rest was before this receiver came, nobody told it.
  if (closing_ && counted_from() == 0) {
    sender.skipped = closing_->skipped;
    sender.offered = closing_->offered;
    sender.refused = closing_->refused;
  }
  return close_ledger(
      sender, counts,
      {.host = context.host,
       .loopback = source_.is_loopback(),
       .others_dropped_at_most = context.shares_its_socket ? LedgerContext::any_number
                                                           : control_datagrams_unheard_at_most()});
}

group::ReceptionReport GroupStream::reception(const Context& unsettled, Deadline now) const {
  const Context& context = settled_ ? *settled_ : unsettled;
  group::ReceptionReport told;
  told.stream = id();
  told.knows_the_end = closing_.has_value();
  told.counted_from = counted_from();
  told.next_expected = told.counted_from;
  told.foreign = context.foreign;
  told.hop_limit = hop_limit_;
  told.joined_for = now - joined_;
  if (first_heard_ && !joined_before()) told.join_latency = *first_heard_ - joined_;
  if (!book_) {
    // The whole of it was lost: where is in the ledger.
    if (!closing_) return told;
    const ReceiverReport report = closed({}, context);
    const Ledger balance = ledger(report.counts, report.stream_messages, context);
    if (report.counts.drops_known) {
      told.lost_in_host.emplace(balance.lost_in_host->low, balance.lost_in_host->high);
    }
    return told;
  }
  // A copy of the counts alone: the meter is large.
  ReceiverCounts counts = book_->report().counts;
  const StreamMeter& meter = book_->report().meter;
  const auto& variation = meter.get<DelayVariation>();
  counts.foreign = context.foreign;
  counts.unique = meter.get<Loss>().unique();
  counts.stale = meter.get<Loss>().stale();
  counts.reordered = meter.get<Reordering>().reordered();
  counts.duplicates = meter.get<Duplication>().duplicates();
  counts.next_expected = book_->next_expected();
  auto drops = context.socket.receive_queue_drops;
  if (drops) *drops = static_cast<std::uint32_t>(*drops) - drops_before_;
  counts.drops_known = drops.has_value();
  // Before the end is known, what was dropped behind the last arrival is told by the next report.
  const std::uint64_t until = closing_ ? end() - counted_from_ : counts.next_expected;
  if (closing_) counts.drop_gaps.close(until - counts.next_expected, drops);
  const Ledger balance = ledger(counts, until, context);
  told.next_expected = counted_from_ + counts.next_expected;
  told.unique = counts.unique;
  told.duplicates = counts.duplicates;
  told.reordered = counts.reordered;
  told.stale = counts.stale;
  told.corrupted = counts.corrupted;
  told.truncated = counts.truncated;
  if (counts.drops_known) {
    told.lost_in_host.emplace(balance.lost_in_host->low, balance.lost_in_host->high);
  }
  if (const auto jitter = variation.jitter_rfc3550()) {
    told.jitter = std::chrono::duration_cast<std::chrono::nanoseconds>(*jitter);
  }
  told.delay_variation_p99 = variation.pdv().percentile(0.99);
  return told;
}

ReceivedStream GroupStream::finish() {
  const Context& context = *settled_;
  ReceivedStream stream;
  stream.stream = id();
  stream.source = source_;
  stream.announcement = announcement_;
  stream.closing = closing_;
  stream.counted_from = counted_from();
  stream.joined_before_the_stream = joined_before();
  if (first_heard_ && !joined_before()) stream.join_latency = *first_heard_ - joined_;
  stream.hop_limit = hop_limit_;
  stream.report = closed(book_ ? std::move(book_->report()) : ReceiverReport{}, context);
  stream.ledger = ledger(stream.report.counts, stream.report.stream_messages, context);
  stream.missing = std::move(*missing_);
  book_.reset();
  return stream;
}

}  // namespace netduel

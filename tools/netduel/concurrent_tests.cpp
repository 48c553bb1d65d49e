#include "concurrent_tests.hpp"

#include <algorithm>
#include <span>

#include "netduel/measure/statistics.hpp"
#include "stream_halves.hpp"

namespace netduel::tool {
namespace {

double bits_per_second(const TestRecord& record) {
  double sum = 0;
  for (std::size_t i = 0; i < record.streams.size(); ++i) {
    const auto received = receiving_half(record, i);
    const auto half = received ? received : sending_half(record, i);
    if (half) sum += half->bits_per_second();
  }
  return sum;
}

ConcurrentTests::Share share_of(std::span<const double> rates) {
  ConcurrentTests::Share share{.tests = rates.size(), .jain_index = {}};
  if (rates.size() > 1) share.jain_index = jain_index(rates);
  return share;
}

}  // namespace

void ConcurrentTests::began(const TestRecord& record, Time now) {
  Kind& kind = kinds_[{record.parameters.transport, record.parameters.direction}];
  kind.running[record.cookie] = now;
  kind.last_begin = now;
}

ConcurrentTests::Ended ConcurrentTests::ended(const TestRecord& record, Time now) {
  Kind& kind = kinds_[{record.parameters.transport, record.parameters.direction}];
  const auto begun = kind.running.find(record.cookie);
  // It came to an end before its beginning.
  if (begun == kind.running.end()) return {};
  const Time began = begun->second;
  kind.running.erase(begun);

  std::vector<double> rates;
  for (const Past& past : kind.past) {
    if (past.ended > began) rates.push_back(past.bits_per_second);
  }
  rates.push_back(bits_per_second(record));
  kind.past.push_back({now, rates.back()});
  kind.rates.push_back(rates.back());
  if (!kind.first_end) kind.first_end = now;
  Ended ended{.so_far = share_of(rates), .group = {}};

  if (kind.running.empty()) {
    if (kind.rates.size() > 1) {
      ended.group =
          Group{.share = share_of(kind.rates), .all_at_once = kind.last_begin < *kind.first_end};
    }
    kind = {};
    return ended;
  }
  // What ended before all that still runs began shares time with nothing that is to come.
  Time earliest = now;
  for (const auto& [cookie, time] : kind.running) earliest = std::min(earliest, time);
  std::erase_if(kind.past, [earliest](const Past& past) { return past.ended <= earliest; });
  return ended;
}

}  // namespace netduel::tool

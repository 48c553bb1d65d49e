#include "lab/truth.hpp"

namespace netduel {

LinkCounts& LinkCounts::operator+=(const LinkCounts& more) {
  packets_in += more.packets_in;
  octets_in += more.octets_in;
  forwarded += more.forwarded;
  dropped_loss += more.dropped_loss;
  dropped_queue += more.dropped_queue;
  dropped_down += more.dropped_down;
  duplicated += more.duplicated;
  reordered += more.reordered;
  corrupted += more.corrupted;
  marked += more.marked;
  held_at_the_end += more.held_at_the_end;
  if (more.arrived_out_of_order) {
    arrived_out_of_order = arrived_out_of_order.value_or(0) + *more.arrived_out_of_order;
  }
  return *this;
}

}  // namespace netduel

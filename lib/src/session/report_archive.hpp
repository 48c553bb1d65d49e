#pragma once

#include <string>
#include <string_view>

#include "session/ends.hpp"

namespace netduel {

// What an end knows of a finished trial, as JSON in one line, for the other host to close the
// ledger and to merge and describe figures: a report that was read gives the same rows as the one
// that was written, to the last digit. Its metrics are finished and must observe nothing more.
// Pure.
//
// Readers take what a peer has sent, and throw std::runtime_error with one line that names the
// place for what isn't a report or holds what no end can have counted. What they return can be
// closed, merged over trials and described without harm, though a peer may still lie. Texts come
// without control characters.

std::string to_json(const SenderReport& report);
SenderReport sender_report_from_json(std::string_view text);

std::string to_json(const ReceiverReport& report);
ReceiverReport receiver_report_from_json(std::string_view text);

}  // namespace netduel

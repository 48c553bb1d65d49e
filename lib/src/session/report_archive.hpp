#pragma once
#include <string>
#include <string_view>
#include "session/ends.hpp"
namespace netduel {
std::string to_json(const SenderReport&);
SenderReport sender_report_from_json(std::string_view);
std::string to_json(const ReceiverReport&);
ReceiverReport receiver_report_from_json(std::string_view);
}

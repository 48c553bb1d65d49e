#include "session/report_archive.hpp"
namespace netduel {
std::string to_json(const SenderReport&) { return "{}"; }
SenderReport sender_report_from_json(std::string_view) { return {}; }
std::string to_json(const ReceiverReport&) { return "{}"; }
ReceiverReport receiver_report_from_json(std::string_view) { return {}; }
}

#include "session/report_archive.hpp"

#include <concepts>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include "session/control_documents.hpp"
#include "session/report_members.hpp"

namespace netduel {
namespace {

// Not ordered_json: that looks through all keys for each one, and a peer may send millions.
using Json = nlohmann::json;
using std::chrono::nanoseconds;

/// Of a text: the system's messages are shorter.
constexpr std::size_t longest_text = 4096;

template <class T>
constexpr bool is_optional = false;
template <class T>
constexpr bool is_optional<std::optional<T>> = true;

template <class T>
concept Integer = std::integral<T> && !std::same_as<T, bool>;

class Writer {
 public:
  static constexpr bool reading = false;

  template <class T>
  void operator()(const char* name, const T& value) {
    if constexpr (is_optional<T>) {
      if (value) (*this)(name, *value);
    } else {
      object_[name] = from(value);
    }
  }

  template <class T>
  static Json object_of(const T& value) {
    Writer writer;
    ReportArchive::list(writer, value);
    return std::move(writer.object_);
  }

 private:
  template <class T>
  static Json from(const T& value) {
    if constexpr (std::is_arithmetic_v<T>) {
      return value;
    } else {
      return object_of(value);
    }
  }
  static Json from(const std::string& text) { return text; }
  static Json from(const Endpoint& endpoint) { return endpoint.to_string(); }
  static Json from(nanoseconds time) { return time.count(); }
  static Json from(WallTime time) { return time.time_since_epoch().count(); }
  template <class T>
  static Json from(const std::vector<T>& values) {
    Json list = Json::array();
    for (const T& value : values) list.push_back(from(value));
    return list;
  }

  Json object_ = Json::object();
};

class Reader {
 public:
  static constexpr bool reading = true;

  Reader(const Json& object, std::string path) : object_(object), path_(std::move(path)) {
    if (!object.is_object()) refuse("is no object");
  }

  template <class T>
  void operator()(const char* name, T& value) {
    const auto found = object_.find(name);
    if constexpr (is_optional<T>) {
      if (found != object_.end()) read(name, *found, value.emplace());
    } else {
      require(found != object_.end(), name, "is missing");
      read(name, *found, value);
    }
  }

  void require(bool holds, const char* name, const char* otherwise) const {
    if (!holds) Reader::refuse(place(name), otherwise);
  }

 private:
  [[noreturn]] static void refuse(const std::string& place, const char* why) {
    throw std::runtime_error("a peer's report: " + place + " " + why);
  }
  [[noreturn]] void refuse(const char* why) const { refuse(path_.empty() ? "it" : path_, why); }
  std::string place(const char* name) const { return path_.empty() ? name : path_ + "." + name; }

  template <class T>
  void read(const char* name, const Json& json, T& value) const {
    Reader reader(json, place(name));
    ReportArchive::list(reader, value);
  }
  void read(const char* name, const Json& json, bool& value) const {
    require(json.is_boolean(), name, "is neither true nor false");
    value = json.get<bool>();
  }
  template <Integer T>
  void read(const char* name, const Json& json, T& value) const {
    // What is negative is no number_unsigned.
    const bool fits = json.is_number_unsigned()
                          ? std::in_range<T>(json.get<std::uint64_t>())
                          : json.is_number_integer() && std::in_range<T>(json.get<std::int64_t>());
    require(fits, name, "is no such number");
    value = json.get<T>();
  }
  void read(const char* name, const Json& json, double& value) const {
    require(json.is_number(), name, "is no number");
    value = json.get<double>();
  }
  void read(const char* name, const Json& json, std::string& value) const {
    require(json.is_string(), name, "is no text");
    value = json.get_ref<const std::string&>();
    require(value.size() <= longest_text, name, "is too long");
    // It is shown on a terminal. UTF-8 is what the parser has let through, in which the controls
    // from 0x80 to 0x9f are these octets behind 0xc2.
    for (std::size_t n = 0; n < value.size(); ++n) {
      const auto octet = static_cast<unsigned char>(value[n]);
      const bool behind_c2 = n > 0 && static_cast<unsigned char>(value[n - 1]) == 0xc2;
      if (octet < 0x20 || octet == 0x7f) value[n] = ' ';
      if (behind_c2 && octet < 0xa0) value.replace(n - 1, 2, "  ");
    }
  }
  void read(const char* name, const Json& json, Endpoint& value) const {
    std::string text;
    read(name, json, text);
    const auto endpoint = Endpoint::parse(text);
    require(endpoint.has_value(), name, "is no address");
    value = *endpoint;
  }
  void read(const char* name, const Json& json, nanoseconds& value) const {
    std::int64_t count = 0;
    read(name, json, count);
    value = nanoseconds{count};
    require(value <= longest_delay && value >= -longest_delay, name, "is too long");
  }
  void read(const char* name, const Json& json, WallTime& value) const {
    std::int64_t count = 0;
    read(name, json, count);
    value = WallTime{nanoseconds{count}};
    require(is_moment(value), name, "is too far from now");
  }
  template <class T>
  void read(const char* name, const Json& json, std::vector<T>& values) const {
    require(json.is_array(), name, "is no list");
    values.reserve(json.size());
    for (const Json& one : json) read(name, one, values.emplace_back());
  }

  const Json& object_;
  std::string path_;
};

template <class T>
std::string written(const T& report) {
  // A text of the system's may be in any encoding.
  return Writer::object_of(report).dump(-1, ' ', false, Json::error_handler_t::replace);
}

template <class T>
T report_from(std::string_view text) {
  if (text.size() > longest_document_octets) {
    throw std::runtime_error("a peer's report: it is too long");
  }
  constexpr bool throws = false;
  const Json document = Json::parse(text, nullptr, throws);
  if (document.is_discarded()) throw std::runtime_error("a peer's report: it is no JSON");
  Reader reader(document, {});
  T report;
  ReportArchive::list(reader, report);
  return report;
}

}  // namespace

std::string to_json(const SenderReport& report) {
  return written(report);
}

SenderReport sender_report_from_json(std::string_view text) {
  return report_from<SenderReport>(text);
}

std::string to_json(const ReceiverReport& report) {
  return written(report);
}

ReceiverReport receiver_report_from_json(std::string_view text) {
  return report_from<ReceiverReport>(text);
}

}  // namespace netduel

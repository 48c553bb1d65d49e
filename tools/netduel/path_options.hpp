#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "lab/impairment_text.hpp"
#include "lab/lab_spec.hpp"
#include "lab/star_spec.hpp"
#include "netduel/base/endpoint.hpp"

namespace CLI {
class App;
}

namespace netduel::tool {

/// Where a subcommand runs, besides this host's loopback.
struct PathOptions {
  /// An emulated path.
  std::optional<LabSpec> lab;
  std::optional<std::string> truth_file;
};

/// Where a subcommand runs with many hosts.
struct StarOptions {
  StarSpec star;
  std::optional<std::string> truth_file;
};

/// The option of what some hosts' links have of their own.
class PortTexts {
 public:
  /// Adds the option to a subcommand; this must live as long as it parses.
  void bind(CLI::App& command);
  const std::vector<std::string>& texts() const { return texts_; }

 private:
  std::vector<std::string> texts_;
};

/// "loopback", or what kind of emulated path it is.
std::string path_in_words(const std::optional<LabSpec>& lab);

/// The options of the path, the same for every subcommand that has one.
class PathTexts {
 public:
  /// Adds the options to a subcommand; this must live as long as it parses.
  void bind(CLI::App& command);
  /// What was typed, as values. Any of the options makes the path an emulated one. `version` is
  /// what it will carry. Throws UsageError.
  PathOptions read(std::uint64_t seed, IpVersion version) const;
  /// The impairments as typed, without those of a preset or a script.
  std::vector<ImpairmentText> impairments() const;
  /// The same with `impairments` in the place of those that were typed; always an emulated path.
  PathOptions read_with(const std::vector<ImpairmentText>& impairments, std::uint64_t seed,
                        IpVersion version) const;
  /// A star of a and `hosts` more: the impairments are those of each other host's link.
  StarOptions read_star(std::size_t hosts, const PortTexts& ports, std::uint64_t seed,
                        IpVersion version) const;
  /// The name of one of them that was typed; nullopt when none was.
  std::optional<std::string> any_given() const;

 private:
  struct Setting {
    std::string name;
    std::string value;
    bool is_set = false;
  };

  void bind_impairment(CLI::App& command, const ImpairmentOption& option,
                       const std::string& prefix);

  /// Stable addresses: the parser keeps references.
  std::deque<Setting> settings_;
  std::optional<std::string> preset_;
  std::vector<std::string> changes_;
  std::optional<std::string> mtu_;
  std::optional<std::string> truth_file_;
  std::optional<std::string> capture_file_;
  bool clean_ = false;
};

}  // namespace netduel::tool

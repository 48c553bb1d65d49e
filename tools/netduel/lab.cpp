#include "lab.hpp"

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <string>
#include <system_error>

#include <fmt/format.h>

#include "lab/lab.hpp"
#include "lab/truth.hpp"
#include "os/lab_process.hpp"
#include "os/network_namespace.hpp"
#include "report/json.hpp"
#include "terminal.hpp"

namespace netduel::tool {
namespace {

LabSpec clean_path(std::uint64_t seed) {
  LabSpec spec;
  spec.seed = seed;
  return spec;
}

std::string hosts_lines() {
  std::string lines;
  for (const IpVersion version : {IpVersion::v4, IpVersion::v6}) {
    lines += Lab::address_of_a(version).address_to_string() + " a\n";
    lines += Lab::address_of_b(version).address_to_string() + " b\n";
  }
  return lines;
}

void complain_about(const std::string& file) {
  complain(fmt::format("lab: cannot write the truth to {}: {}", file,
                       std::generic_category().message(errno)));
}

/// Whether that worked; a complaint when not.
bool write_truth(const Truth& truth, std::ofstream& to, const std::string& file) {
  to << to_json(describe(truth)) << '\n';
  to.close();
  if (to) return true;
  complain_about(file);
  return false;
}

}  // namespace

int run(const LabOptions& options) {
  const auto& truth_file = options.path.truth_file;
  std::ofstream truth_out;
  if (truth_file) {
    truth_out.open(*truth_file);
    if (!truth_out) {
      complain_about(*truth_file);
      return 2;
    }
  }
  os::become_able_to_make_namespaces();
  Lab lab(options.path.lab.value_or(clean_path(options.seed)));
  // Before the lab's thread is made: it forks.
  os::LabProcess programs({.network_of_a = lab.a().handle(),
                           .network_of_b = lab.b().handle(),
                           .command = options.command,
                           .serve = options.serve,
                           .hosts_lines = hosts_lines()});
  lab.start();
  const os::CommandEnd end = programs.run([&] { lab.restart_script(); });
  const Truth truth = lab.stop();
  if (end.ran) {
    const std::string text = to_text(truth);
    (void)std::fwrite(text.data(), 1, text.size(), stderr);
  }
  const bool written = !truth_file || write_truth(truth, truth_out, *truth_file);
  return written || end.status != 0 ? end.status : 1;
}

}  // namespace netduel::tool

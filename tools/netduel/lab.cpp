#include "lab.hpp"

#include <cstdint>
#include <string>

#include "lab/lab.hpp"
#include "lab/truth.hpp"
#include "os/lab_process.hpp"
#include "os/network_namespace.hpp"
#include "truth_file.hpp"

namespace netduel::tool {
namespace {

LabSpec clean_path(std::uint64_t seed) {
  LabSpec spec;
  spec.seed = seed;
  return spec;
}

std::string hosts_lines(const Lab& lab) {
  std::string lines;
  for (const IpVersion version : {IpVersion::v4, IpVersion::v6}) {
    if (!lab.has(version)) continue;
    lines += Lab::address_of_a(version).address_to_string() + " a\n";
    lines += Lab::address_of_b(version).address_to_string() + " b\n";
  }
  return lines;
}

}  // namespace

int run(const LabOptions& options) {
  const LabSpec spec = options.path.lab.value_or(clean_path(options.seed));
  TruthFile truth_file(options.path.truth_file, spec.capture_file);
  os::become_able_to_make_namespaces();
  Lab lab(spec);
  // Before the lab's thread is made: it forks.
  os::LabProcess programs({.network_of_a = lab.a().handle(),
                           .network_of_b = lab.b().handle(),
                           .command = options.command,
                           .serve = options.serve,
                           .hosts_lines = hosts_lines(lab)});
  lab.start();
  const os::CommandEnd end = programs.run([&] { lab.restart_script(); });
  const Truth truth = lab.stop();
  const bool written = truth_file.write(truth, end.ran);
  return written || end.status != 0 ? end.status : 1;
}

}  // namespace netduel::tool

#include "lab.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "lab/lab.hpp"
#include "lab/star.hpp"
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

/// What a program finds in its environment.
std::vector<std::string> environment_of(std::size_t port) {
  return {"NETDUEL_HOST=" + StarSpec::name_of(port), "NETDUEL_HOST_NUMBER=" + std::to_string(port)};
}

std::string hosts_lines(const StarLab& star) {
  std::string lines;
  for (const IpVersion version : {IpVersion::v4, IpVersion::v6}) {
    if (!star.has(version)) continue;
    for (std::size_t port = 0; port < star.hosts(); ++port) {
      lines += StarLab::address_of(port, version).address_to_string() + ' ' +
               StarSpec::name_of(port) + '\n';
    }
  }
  return lines;
}

/// Runs the programs in a lab that has been made, and tells what it did.
template <class AnyLab>
int run_in(AnyLab& lab, const os::HostedPrograms& hosted, TruthFile& truth_file) {
  // Before the lab's thread is made: it forks.
  os::LabProcess programs(hosted);
  lab.start();
  const os::CommandEnd end = programs.run([&] { lab.restart_script(); });
  const auto truth = lab.stop();
  const bool written = truth_file.write(truth, end.ran);
  return written || end.status != 0 ? end.status : 1;
}

int run_star(const LabOptions& options) {
  const StarSpec& spec = options.star->star;
  TruthFile truth_file(options.star->truth_file, spec.capture_file);
  os::become_able_to_make_namespaces();
  StarLab star(spec);
  os::HostedPrograms programs{.a = {},
                              .others = {},
                              .command = options.command,
                              .serve = options.serve,
                              .hosts_lines = hosts_lines(star)};
  for (std::size_t port = 0; port < star.hosts(); ++port) {
    os::LabHost host{star.host(port).handle(), StarSpec::name_of(port), environment_of(port)};
    if (port == 0) {
      programs.a = std::move(host);
    } else {
      programs.others.push_back(std::move(host));
    }
  }
  return run_in(star, programs, truth_file);
}

}  // namespace

int run(const LabOptions& options) {
  if (options.star) return run_star(options);
  const LabSpec spec = options.path.lab.value_or(clean_path(options.seed));
  TruthFile truth_file(options.path.truth_file, spec.capture_file);
  os::become_able_to_make_namespaces();
  Lab lab(spec);
  const os::LabHost a{lab.a().handle(), "a", {"NETDUEL_HOST=a"}};
  const os::LabHost b{lab.b().handle(), "b", {"NETDUEL_HOST=b"}};
  return run_in(lab,
                {.a = a,
                 .others = {b},
                 .command = options.command,
                 .serve = options.serve,
                 .hosts_lines = hosts_lines(lab)},
                truth_file);
}

}  // namespace netduel::tool

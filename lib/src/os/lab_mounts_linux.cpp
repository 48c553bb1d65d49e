#include "os/lab_mounts_linux.hpp"

#include <cerrno>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <system_error>

#include <sys/mount.h>

#include "os/lab_output_linux.hpp"

namespace netduel::os {
namespace {

constexpr unsigned long harmless = MS_NOSUID | MS_NODEV | MS_NOEXEC;
constexpr const char* hosts = "/etc/hosts";

std::set<std::string> names_in(std::string_view lines) {
  std::set<std::string> names;
  std::istringstream text{std::string(lines)};
  std::string line, word;
  while (std::getline(text, line)) {
    std::istringstream words(line);
    words >> word;
    while (words >> word) names.insert(word);
  }
  return names;
}

/// One line's address and names, ours left out; empty when nothing is left of it.
std::string without(const std::set<std::string>& our_names, const std::string& line) {
  std::istringstream words(line.substr(0, line.find('#')));
  std::string kept, word;
  words >> kept;
  bool any_kept = false;
  bool any_dropped = false;
  while (words >> word) {
    const bool ours = our_names.contains(word);
    if (!ours) kept += ' ' + word;
    (ours ? any_dropped : any_kept) = true;
  }
  if (!any_dropped) return line + '\n';
  return any_kept ? kept + '\n' : std::string();
}

/// The file lives in a file system in memory that is to be seen at /tmp for this moment only, and
/// only by this process.
bool cover_hosts(const std::string& text) {
  if (mount("netduel", "/tmp", "tmpfs", harmless, "mode=0755,size=1m") != 0) return false;
  constexpr const char* file = "/tmp/hosts";
  std::ofstream out(file);
  out << text;
  out.close();
  bool covered = out.good() && mount(file, hosts, nullptr, MS_BIND, nullptr) == 0;
  const int error = errno;
  covered = umount2("/tmp", MNT_DETACH) == 0 && covered;
  if (!covered) errno = error;
  return covered;
}

}  // namespace

void mount_for_lab(const std::string& hosts_lines) {
  // Without this, what is mounted here could show outside.
  if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
    say("warning: the hosts' names are not known to programs: cannot make mounts private: " +
        std::generic_category().message(errno));
    return;
  }
  // Refused in many containers; the old one shows the processes of outside then.
  (void)mount("proc", "/proc", "proc", harmless, nullptr);
  std::ifstream in(hosts);
  const std::string old{std::istreambuf_iterator<char>(in), {}};
  if (!cover_hosts(hosts_with(old, hosts_lines))) {
    say("warning: the hosts' names are not known to programs: cannot mount over /etc/hosts: " +
        std::generic_category().message(errno));
  }
}

void mount_own_sys() {
  (void)mount("sysfs", "/sys", "sysfs", harmless, nullptr);
}

std::string hosts_with(std::string_view text, std::string_view lines) {
  const std::set<std::string> our_names = names_in(lines);
  std::istringstream old{std::string(text)};
  std::string made, line;
  while (std::getline(old, line)) made += without(our_names, line);
  made += lines;
  if (!made.empty() && made.back() != '\n') made += '\n';
  return made;
}

}  // namespace netduel::os

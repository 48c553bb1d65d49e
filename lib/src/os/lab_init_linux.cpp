#include "os/lab_init_linux.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <deque>
#include <exception>
#include <string>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/lab_mounts_linux.hpp"
#include "os/lab_output_linux.hpp"
#include "os/lab_program_linux.hpp"
#include "os/lab_protocol_linux.hpp"
#include "os/listening.hpp"

namespace netduel::os {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto glance = 10ms;
/// Many programs take longer to start, on processors that they share.
std::chrono::seconds longest_wait_for_listening(std::size_t programs) {
  return std::chrono::seconds(5 + (programs - 1) / 4);
}

constexpr auto longest_wait_for_server = 1s;
/// Signals to a whole process group reach us within this time of one another.
constexpr auto one_signal = 100ms;

std::string ended_with(int wait_status) {
  return WIFSIGNALED(wait_status) ? "was killed by signal " + std::to_string(WTERMSIG(wait_status))
                                  : "ended with status " + std::to_string(WEXITSTATUS(wait_status));
}

[[noreturn]] void give_up(const std::string& attempt) {
  throw std::system_error(errno, std::generic_category(), attempt);
}

/// Reports of IGMP and MLD leave in the background, within a tick or two of joining.
constexpr auto until_joins_are_told = 50ms;

/// The served command on one host.
struct Server {
  explicit Server(const LabHost& on) : host(on), output(on.name + ": ") {}

  const LabHost& host;
  PrefixedOutput output;
  /// 0 when it doesn't run.
  pid_t process = 0;
  /// 0 when there never was one.
  pid_t group = 0;
  int status = 0;
  bool listens = false;
};

/// The first process of a lab. It enters the networks of the others to look who listens there.
class Init {
 public:
  explicit Init(const LabInit& how);
  [[noreturn]] void run();

 private:
  void turn(std::chrono::milliseconds longest);
  void take_order();
  void take_signals();
  void hand_on(int signal);
  bool group_has_got(int signal);
  void reap();
  void begin_serving();
  void begin(Server& server);
  void wait_until_listening();
  std::string on_which(const Server& server) const;
  void say_who_is_late();
  static bool look_whether_listening(Server& server);
  void begin_command();
  void end_servers();
  bool any_server_group() const;
  [[noreturn]] void finish(int status);
  void note(char what) const { (void)send(how_.control, &what, 1, MSG_NOSIGNAL); }

  const LabInit& how_;
  OwnedHandle signals_{-1};
  std::deque<Server> servers_;
  bool may_serve_ = false;
  bool may_start_ = false;
  bool finishing_ = false;
  /// 0 when it doesn't run.
  pid_t command_ = 0;
  int command_status_ = 0;
  /// When a signal last came to us too, and so to all of our process group.
  std::array<std::optional<Clock::time_point>, 65> came_to_group_{};
};

Init::Init(const LabInit& how) : how_(how) {
  sigset_t taken = lab_protocol::handed_on_set();
  sigaddset(&taken, SIGCHLD);
  sigprocmask(SIG_BLOCK, &taken, nullptr);
  signals_ = OwnedHandle(signalfd(-1, &taken, SFD_CLOEXEC | SFD_NONBLOCK));
  if (signals_.get() < 0) give_up("take signals");
  const LabHost& first = how.programs.others.front();
  if (setns(first.network, CLONE_NEWNET) != 0) give_up("enter the network of host " + first.name);
  mount_for_lab(how.programs.hosts_lines);
}

void Init::run() {
  while (!may_serve_) turn(-1ms);
  if (how_.programs.serve) begin_serving();
  note(lab_protocol::served);
  while (!may_start_) turn(-1ms);
  begin_command();
  note(lab_protocol::running);
  while (command_ != 0) turn(-1ms);
  finish(command_status_);
}

/// Waits for one event, at most so long, and sees to it.
void Init::turn(std::chrono::milliseconds longest) {
  std::vector<pollfd> watched = {pollfd{how_.control, POLLIN, 0},
                                 pollfd{signals_.get(), POLLIN, 0}};
  for (const Server& server : servers_) {
    watched.push_back(pollfd{server.output.reading_end(), POLLIN, 0});
  }
  if (poll(watched.data(), watched.size(), static_cast<int>(longest.count())) <= 0) return;
  for (std::size_t n = 0; n < servers_.size(); ++n) {
    if (watched[n + 2].revents != 0) servers_[n].output.hand_on();
  }
  if (watched[1].revents != 0) take_signals();
  if (watched[0].revents != 0) take_order();
}

void Init::take_order() {
  unsigned char order = 0;
  // The caller has gone: everything in this PID namespace goes with its first process.
  if (recv(how_.control, &order, 1, 0) <= 0) _exit(1);
  if (order == lab_protocol::serve) {
    may_serve_ = true;
  } else if (order == lab_protocol::start) {
    may_start_ = true;
  } else {
    hand_on(order);
  }
}

void Init::take_signals() {
  signalfd_siginfo caught{};
  bool child_ended = false;
  while (read(signals_.get(), &caught, sizeof caught) == sizeof caught) {
    if (caught.ssi_signo == SIGCHLD) {
      child_ended = true;
    } else if (caught.ssi_signo < came_to_group_.size()) {
      came_to_group_[caught.ssi_signo] = Clock::now();
    }
  }
  if (child_ended) reap();
}

void Init::hand_on(int signal) {
  if (finishing_) return;
  if (command_ != 0) {
    if (!group_has_got(signal) && command_ != 0) kill(command_, signal);
  } else if (!may_start_ && signal != SIGUSR1 && signal != SIGUSR2) {
    finish(128 + signal);
  }
}

/// Whether the command has had the signal without us: from its terminal, or from kill(1) and the
/// like that signalled the process group that it shares with us and our caller.
bool Init::group_has_got(int signal) {
  if (signal == SIGKILL || getpgid(command_) != getpgrp()) return false;
  const auto came = [&] {
    const auto& last = came_to_group_.at(static_cast<std::size_t>(signal));
    return last && Clock::now() - *last < one_signal;
  };
  // Ours may be on its way: the kernel signals a group one by one.
  if (!came()) {
    pollfd more{signals_.get(), POLLIN, 0};
    if (poll(&more, 1, static_cast<int>(std::chrono::milliseconds(glance).count())) > 0) {
      take_signals();
    }
  }
  return came();
}

/// Our own children, and whatever was left to us by its parent's end.
void Init::reap() {
  int status = 0;
  for (pid_t ended = 0; (ended = waitpid(-1, &status, WNOHANG)) > 0;) {
    if (ended == command_) {
      command_ = 0;
      command_status_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
      continue;
    }
    const auto server = std::ranges::find(servers_, ended, &Server::process);
    if (server == servers_.end()) continue;
    server->process = 0;
    server->status = status;
    if (status != 0 && command_ != 0 && !finishing_) {
      say("the served command" + on_which(*server) + ' ' + ended_with(status) + ": " +
          *how_.programs.serve);
    }
  }
}

void Init::begin_serving() {
  for (const LabHost& host : how_.programs.others) begin(servers_.emplace_back(host));
  wait_until_listening();
}

void Init::begin(Server& server) {
  const auto started = start_lab_program({.command = {"/bin/sh", "-c", *how_.programs.serve},
                                          .network = server.host.network,
                                          .host_name = server.host.name,
                                          .environment = server.host.environment,
                                          .signal_mask = how_.signal_mask,
                                          .output = server.output.writing_end()});
  server.output.close_writing_end();
  if (started.error != 0) {
    say("/bin/sh: " + std::generic_category().message(started.error));
    finish(1);
  }
  server.process = server.group = started.process;
}

bool Init::look_whether_listening(Server& server) {
  if (setns(server.host.network, CLONE_NEWNET) != 0) {
    give_up("enter the network of host " + server.host.name);
  }
  return server.listens = anything_listens();
}

/// Where there are several, the host that something is said about.
std::string Init::on_which(const Server& server) const {
  return servers_.size() > 1 ? " on " + server.host.name : "";
}

void Init::wait_until_listening() {
  const auto until = Clock::now() + longest_wait_for_listening(servers_.size());
  for (Server& server : servers_) {
    while (!look_whether_listening(server)) {
      turn(glance);
      for (Server& any : servers_) {
        if (any.process != 0 || any.status == 0 || any.listens) continue;
        any.output.finish();
        say("the served command" + on_which(any) + ' ' + ended_with(any.status) +
            " before it listened: " + *how_.programs.serve);
        finish(1);
      }
      // It may have left a daemon behind, and else there is nothing to wait for.
      if (server.process == 0 && kill(-1, 0) != 0) return;
      if (Clock::now() > until) {
        say_who_is_late();
        return;
      }
    }
  }
  if (servers_.size() == 1) return;
  const auto told = Clock::now() + until_joins_are_told;
  while (Clock::now() < told) turn(glance);
}

void Init::say_who_is_late() {
  std::string late;
  for (Server& server : servers_) {
    if (!look_whether_listening(server)) late += (late.empty() ? " on " : ", ") + server.host.name;
  }
  if (servers_.size() == 1) late.clear();
  const auto waited = longest_wait_for_listening(servers_.size()).count();
  say("the served command has not begun to listen" + late + " within " + std::to_string(waited) +
      " s, going on: " + *how_.programs.serve);
}

void Init::begin_command() {
  OwnedHandle start_up_file(-1);
  LabProgram program{.command = how_.programs.command};
  if (program.command.empty()) {
    const bool interactive = isatty(STDIN_FILENO) == 1;
    program = lab_shell(start_up_file, interactive);
    program.takes_terminal = interactive && how_.in_foreground;
  }
  program.network = how_.programs.a.network;
  program.host_name = how_.programs.a.name;
  program.environment = how_.programs.a.environment;
  program.signal_mask = how_.signal_mask;
  const auto started = start_lab_program(program);
  if (started.error != 0) {
    say(program.command.front() + ": " + std::generic_category().message(started.error));
    finish(started.error == ENOENT ? 127 : 126);
  }
  command_ = started.process;
}

bool Init::any_server_group() const {
  return std::ranges::any_of(servers_, [](const Server& server) {
    return server.group != 0 && kill(-server.group, 0) == 0;
  });
}

void Init::end_servers() {
  for (const Server& server : servers_) {
    if (server.group != 0) kill(-server.group, SIGTERM);
  }
  const auto until = Clock::now() + longest_wait_for_server;
  while (any_server_group()) {
    if (Clock::now() <= until) {
      turn(glance);
      continue;
    }
    for (const Server& server : servers_) {
      if (server.group != 0) kill(-server.group, SIGKILL);
    }
    break;
  }
}

/// The end of this process is the end of all that are left in its PID namespace.
void Init::finish(int status) {
  finishing_ = true;
  end_servers();
  for (Server& server : servers_) server.output.finish();
  _exit(status);
}

}  // namespace

void run_lab_init(const LabInit& how) {
  // The caller may have ended before this; the end of the socket pair tells then.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  try {
    Init(how).run();
  } catch (const std::exception& error) {
    const std::string text = std::string(1, lab_protocol::failed) + error.what();
    (void)send(how.control, text.data(), text.size(), MSG_NOSIGNAL);
    _exit(1);
  }
}

}  // namespace netduel::os

#include "os/lab_process.hpp"

#include <array>
#include <cerrno>
#include <ctime>
#include <stdexcept>
#include <system_error>

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/lab_init_linux.hpp"
#include "os/lab_protocol_linux.hpp"

namespace netduel::os {
namespace {

/// A request to end that comes this long after the first finds a command that ignored that one.
constexpr auto patience = std::chrono::seconds(2);

[[noreturn]] void give_up(const std::string& attempt) {
  throw std::system_error(errno, std::generic_category(), attempt);
}

/// fork() into a new PID and mount namespace. Not unshare() and fork(): after that no thread could
/// be made here any more (clone(2), CLONE_THREAD).
pid_t fork_into_namespaces() {
  return static_cast<pid_t>(
      syscall(SYS_clone, CLONE_NEWPID | CLONE_NEWNS | SIGCHLD, nullptr, nullptr, nullptr, nullptr));
}

}  // namespace

/// The controlling terminal, if this process is in its foreground.
class LabProcess::Terminal {
 public:
  Terminal() : handle_(open("/dev/tty", O_RDWR | O_CLOEXEC)) {
    foreground_ = handle_.get() >= 0 && tcgetpgrp(handle_.get()) == getpgrp();
  }

  bool in_foreground() const { return foreground_; }

  /// A shell takes the foreground, and cannot hand it back from within its PID namespace to a group
  /// that has no number there. Whatever has it and still lives keeps it: Ctrl-Z and bg came.
  void take_back() const {
    if (!foreground_) return;
    const pid_t holder = tcgetpgrp(handle_.get());
    if (holder == getpgrp() || (holder > 0 && (kill(-holder, 0) == 0 || errno != ESRCH))) return;
    sigset_t stop, before;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTTOU);
    pthread_sigmask(SIG_BLOCK, &stop, &before);
    (void)tcsetpgrp(handle_.get(), getpgrp());
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }

 private:
  OwnedHandle handle_;
  bool foreground_ = false;
};

LabProcess::LabProcess(const HostedPrograms& programs) : terminal_(std::make_unique<Terminal>()) {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    give_up("make a socket pair for the lab's programs");
  }
  control_ = OwnedHandle(ends[0]);
  OwnedHandle theirs(ends[1]);
  // Ignored by whoever started us, it would reap our child before we ask how it ended.
  std::signal(SIGCHLD, SIG_DFL);
  const sigset_t taken = lab_protocol::handed_on_set();
  pthread_sigmask(SIG_BLOCK, &taken, &mask_before_);
  signals_ = OwnedHandle(signalfd(-1, &taken, SFD_CLOEXEC | SFD_NONBLOCK));
  process_ = fork_into_namespaces();
  if (process_ == 0) {
    close(control_.get());
    run_lab_init({.programs = programs,
                  .control = theirs.get(),
                  .signal_mask = mask_before_,
                  .in_foreground = terminal_->in_foreground()});
  }
  if (process_ < 0) {
    const int error = errno;
    pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr);
    errno = error;
    give_up("make a PID and a mount namespace for the lab's programs");
  }
  theirs = OwnedHandle(-1);
}

LabProcess::~LabProcess() {
  if (process_ > 0) {
    kill(process_, SIGKILL);
    (void)wait_for_end();
  }
  // Came too late to be handed on; they meant the command.
  const sigset_t taken = lab_protocol::handed_on_set();
  const timespec at_once{};
  while (sigtimedwait(&taken, nullptr, &at_once) > 0) {
  }
  pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr);
}

CommandEnd LabProcess::run(const std::function<void()>& about_to_start) {
  CommandEnd end;
  tell(lab_protocol::serve);
  while (true) {
    std::array<pollfd, 2> watched = {pollfd{control_.get(), POLLIN, 0},
                                     pollfd{signals_.get(), POLLIN, 0}};
    if (poll(watched.data(), watched.size(), -1) < 0 && errno != EINTR) {
      give_up("wait for the lab's programs");
    }
    if (watched[1].revents != 0) hand_on_signal();
    if (watched[0].revents == 0) continue;
    const auto note = next_note();
    if (!note) break;
    switch (note->front()) {
      case lab_protocol::served:
        about_to_start();
        tell(lab_protocol::start);
        break;
      case lab_protocol::running:
        end.ran = true;
        break;
      case lab_protocol::failed:
        throw std::runtime_error("lab: " + note->substr(1));
      default:
        break;
    }
  }
  end.status = wait_for_end();
  terminal_->take_back();
  return end;
}

/// The first process knows whether the command has got it already, being of the same process group.
void LabProcess::hand_on_signal() {
  signalfd_siginfo caught{};
  if (read(signals_.get(), &caught, sizeof caught) != sizeof caught) return;
  const int signal = static_cast<int>(caught.ssi_signo);
  tell(static_cast<unsigned char>(signal));
  // Not the terminal's: to a program that reads Ctrl-C as something else it may come at any time.
  const bool of_a_process = caught.ssi_code <= 0;
  if (of_a_process && (signal == SIGINT || signal == SIGTERM)) kill_when_ignored();
}

void LabProcess::kill_when_ignored() {
  const auto now = std::chrono::steady_clock::now();
  if (!first_request_to_end_) {
    first_request_to_end_ = now;
  } else if (now - *first_request_to_end_ > patience) {
    tell(SIGKILL);
  }
}

void LabProcess::tell(unsigned char order) const {
  // When it has gone already, the end of its notes tells so.
  (void)send(control_.get(), &order, 1, MSG_NOSIGNAL);
}

/// Absent when it has gone.
std::optional<std::string> LabProcess::next_note() const {
  std::array<char, 1024> text{};
  ssize_t length = 0;
  do {
    length = recv(control_.get(), text.data(), text.size(), 0);
  } while (length < 0 && errno == EINTR);
  if (length <= 0) return std::nullopt;
  return std::string(text.data(), static_cast<std::size_t>(length));
}

int LabProcess::wait_for_end() {
  int status = 0;
  pid_t ended = 0;
  do {
    ended = waitpid(process_, &status, 0);
  } while (ended < 0 && errno == EINTR);
  process_ = -1;
  if (ended < 0) return 1;
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace netduel::os

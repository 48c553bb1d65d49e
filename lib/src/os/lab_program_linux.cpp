#include "os/lab_program_linux.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/lab_mounts_linux.hpp"

namespace netduel::os {
namespace {

/// How far a child came.
enum class Step : int { network, names, streams, execute };

struct Failure {
  Step step;
  int error;
};

std::string attempt(Step step, const std::string& host_name) {
  switch (step) {
    case Step::network:
      return "enter the network of host " + host_name;
    case Step::names:
      return "give host " + host_name + " its name";
    case Step::streams:
      return "connect the streams of the program on host " + host_name;
    case Step::execute:
      break;
  }
  return "execute the program on host " + host_name;
}

bool enter_session(NativeHandle output) {
  const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
  return setsid() >= 0 && nothing >= 0 && dup2(nothing, STDIN_FILENO) >= 0 &&
         dup2(output, STDOUT_FILENO) >= 0 && dup2(output, STDERR_FILENO) >= 0;
}

void take_terminal() {
  // A background group may take the foreground when it has SIGTTOU blocked, as this one has: it
  // does so before it gives up the mask below.
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTTOU);
  sigprocmask(SIG_BLOCK, &stop, nullptr);
  setpgid(0, 0);
  (void)tcsetpgrp(STDIN_FILENO, getpgrp());
}

/// In the child. Returns only when it failed.
Failure become(const LabProgram& program) {
  if (setns(program.network, CLONE_NEWNET) != 0) return {Step::network, errno};
  if (unshare(CLONE_NEWUTS | CLONE_NEWNS) != 0 ||
      sethostname(program.host_name.data(), program.host_name.size()) != 0) {
    return {Step::names, errno};
  }
  mount_own_sys();
  if (program.output >= 0 && !enter_session(program.output)) return {Step::streams, errno};
  if (program.takes_terminal) take_terminal();
  if (program.kept >= 0) fcntl(program.kept, F_SETFD, 0);
  // The child's own, which is about to become the program.
  for (const std::string& text : program.environment) putenv(const_cast<char*>(text.c_str()));
  if (!program.prompt.empty()) setenv("PS1", program.prompt.c_str(), 1);
  std::vector<char*> arguments;
  for (const std::string& word : program.command) {
    arguments.push_back(const_cast<char*>(word.c_str()));
  }
  arguments.push_back(nullptr);
  // The only one that the caller changed; what the user had ignored (nohup) stays so.
  std::signal(SIGPIPE, SIG_DFL);
  sigprocmask(SIG_SETMASK, &program.signal_mask, nullptr);
  execvp(arguments.front(), arguments.data());
  return {Step::execute, errno};
}

[[noreturn]] void give_up(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

/// Absent when it was executed, which closed the pipe.
bool read_failure(NativeHandle from, Failure& failure) {
  ssize_t length = 0;
  do {
    length = read(from, &failure, sizeof failure);
  } while (length < 0 && errno == EINTR);
  return length == sizeof failure;
}

}  // namespace

StartedProgram start_lab_program(const LabProgram& program) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) give_up("make a pipe for the lab's programs");
  const OwnedHandle report(ends[0]);
  OwnedHandle theirs(ends[1]);
  const pid_t child = fork();
  if (child < 0) give_up("fork for host " + program.host_name);
  if (child == 0) {
    const Failure failure = become(program);
    (void)!write(theirs.get(), &failure, sizeof failure);
    _exit(1);
  }
  theirs = OwnedHandle(-1);
  Failure failure{};
  if (!read_failure(report.get(), failure)) return {.process = child};
  if (failure.step == Step::execute) return {.process = child, .error = failure.error};
  errno = failure.error;
  give_up(attempt(failure.step, program.host_name));
}

LabProgram lab_shell(OwnedHandle& start_up_file, bool interactive) {
  const char* const named = std::getenv("SHELL");
  const std::string shell = named != nullptr && *named != '\0' ? named : "/bin/sh";
  LabProgram program{.command = {shell}};
  if (!interactive) return program;
  if (std::string_view(shell).substr(shell.rfind('/') + 1) == "bash") {
    start_up_file = OwnedHandle(memfd_create("netduel-lab.bashrc", MFD_CLOEXEC));
    const std::string handle = std::to_string(start_up_file.get());
    const std::string text =
        "[ -f ~/.bashrc ] && . ~/.bashrc\n"
        "PS1='[netduel lab: a] \\w\\$ '\n"
        "exec " +
        handle + "<&-\n";
    const auto length = static_cast<ssize_t>(text.size());
    if (write(start_up_file.get(), text.data(), text.size()) == length) {
      program.command.insert(program.command.end(), {"--rcfile", "/proc/self/fd/" + handle, "-i"});
      program.kept = start_up_file.get();
      return program;
    }
  }
  program.prompt = "[netduel lab: a] $ ";
  return program;
}

}  // namespace netduel::os

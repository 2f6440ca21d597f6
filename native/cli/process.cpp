// SPDX-License-Identifier: Apache-2.0
#include "native/cli/process.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <memory>
#include <thread>

#include "core/base/text.h"

namespace synsight::cli {

namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
// Files without a name hold what goes in and comes out, so that nobody waits for anybody.
using File = std::unique_ptr<std::FILE, CloseFile>;

tl::unexpected<Error> failed(std::string_view program, std::string_view what) {
  return fail(ErrorCode::kIo, concat({"`", program, "` ", what}));
}

tl::unexpected<Error> fail_temporary(std::string_view what) {
  return fail(ErrorCode::kIo,
              concat({"cannot ", what, " a temporary file: ", std::strerror(errno)}));
}

Result<File> temporary_file() {
  File file(std::tmpfile());
  if (file == nullptr) return fail_temporary("make");
  return file;
}

Result<std::string> contents(std::FILE* file) {
  std::string text;
  if (std::fseek(file, 0, SEEK_SET) != 0) return fail_temporary("read");
  std::array<char, 65536> piece;
  while (const size_t size = std::fread(piece.data(), 1, piece.size(), file)) {
    text.append(piece.data(), size);
  }
  if (std::ferror(file) != 0) return fail_temporary("read");
  return text;
}

// Starts the program with these files as its standard ones. Returns errno's number.
int spawn(const std::vector<std::string>& arguments, const std::array<std::FILE*, 3>& files,
          pid_t& process) {
  std::vector<char*> words;
  for (const std::string& argument : arguments)
    words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  for (size_t i = 0; i < files.size(); ++i) {
    posix_spawn_file_actions_adddup2(&actions, fileno(files[i]), static_cast<int>(i));
  }
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t usual;  // this program ignores SIGPIPE, which others do not expect
  sigemptyset(&usual);
  sigaddset(&usual, SIGPIPE);
  posix_spawnattr_setsigdefault(&attributes, &usual);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  const int error = posix_spawnp(&process, words[0], &actions, &attributes, words.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

// Waits in short turns, so that Ctrl-C is seen. Returns the process's status.
Result<int> wait_for(pid_t process, const CancelFlag& cancel) {
  constexpr std::chrono::milliseconds kTurn(10);
  int status = 0;
  while (true) {
    const pid_t ended = ::waitpid(process, &status, WNOHANG);
    if (ended == process) return status;
    if (ended < 0 && errno != EINTR) {
      return fail(ErrorCode::kIo, concat({"cannot wait for a program: ", std::strerror(errno)}));
    }
    if (const Status may_continue = check_may_continue(&cancel, {}); !may_continue) {
      ::kill(process, SIGKILL);
      ::waitpid(process, &status, 0);
      return tl::unexpected(may_continue.error());
    }
    std::this_thread::sleep_for(kTurn);
  }
}

}  // namespace

Result<std::string> run_program(const std::vector<std::string>& arguments, std::string_view input,
                                const CancelFlag& cancel) {
  SYNSIGHT_TRY_ASSIGN(const File in, temporary_file());
  SYNSIGHT_TRY_ASSIGN(const File out, temporary_file());
  SYNSIGHT_TRY_ASSIGN(const File messages, temporary_file());
  const bool is_written = std::fwrite(input.data(), 1, input.size(), in.get()) == input.size();
  if (!is_written || std::fflush(in.get()) != 0 || std::fseek(in.get(), 0, SEEK_SET) != 0) {
    return fail_temporary("write");
  }
  const std::string& program = arguments[0];
  pid_t process = 0;
  const int error = spawn(arguments, {in.get(), out.get(), messages.get()}, process);
  if (error != 0) {
    return failed(program, error == ENOENT ? "is not installed, or not on PATH"
                                           : concat({"cannot be started: ", std::strerror(error)}));
  }
  SYNSIGHT_TRY_ASSIGN(const int status, wait_for(process, cancel));
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return contents(out.get());
  SYNSIGHT_TRY_ASSIGN(const std::string said, contents(messages.get()));
  const std::string reason = WIFEXITED(status)
                                 ? concat({"failed with exit code ", WEXITSTATUS(status)})
                                 : concat({"was ended by signal ", WTERMSIG(status)});
  return failed(program,
                concat({reason, said.empty() ? "" : ": ", said.substr(0, said.find('\n'))}));
}

}  // namespace synsight::cli

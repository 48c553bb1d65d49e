#include "os/resolve.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <system_error>

#include <netdb.h>
#include <sys/socket.h>

#include "os/socket.hpp"

namespace netduel::os {
namespace {

/// What getaddrinfo tells in place of errno (RFC 3493, section 6.1).
class ResolverErrors final : public std::error_category {
 public:
  const char* name() const noexcept override { return "resolver"; }
  std::string message(int code) const override { return gai_strerror(code); }
};

std::error_code resolver_error(int code) {
  static const ResolverErrors category;
  return {code, category};
}

std::string in_words(std::string_view host, std::optional<IpVersion> version) {
  std::string words = "unknown ";
  if (version) words += *version == IpVersion::v4 ? "IPv4 " : "IPv6 ";
  return words.append("host ").append(host.empty() ? "''" : host);
}

int family_of(std::optional<IpVersion> version) {
  if (!version) return AF_UNSPEC;
  return *version == IpVersion::v4 ? AF_INET : AF_INET6;
}

}  // namespace

std::vector<Endpoint> resolve(std::string_view host, std::uint16_t port,
                              std::optional<IpVersion> version) {
  addrinfo wanted{};
  wanted.ai_family = family_of(version);
  // Of one type: else each address comes once for each.
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* first = nullptr;
  const int error = getaddrinfo(std::string(host).c_str(), nullptr, &wanted, &first);
  const int number = errno;
  if (error != 0) {
    const bool of_the_system = error == EAI_SYSTEM;
    throw std::system_error(
        of_the_system ? std::error_code(number, std::generic_category()) : resolver_error(error),
        in_words(host, version));
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> all(first, freeaddrinfo);
  std::vector<Endpoint> found;
  for (const addrinfo* one = all.get(); one != nullptr; one = one->ai_next) {
    if (one->ai_family != AF_INET && one->ai_family != AF_INET6) continue;
    sockaddr_storage storage{};
    std::memcpy(&storage, one->ai_addr, one->ai_addrlen);
    const Endpoint endpoint = from_sockaddr(storage).with_port(port);
    // A hosts file may name an address twice.
    if (std::ranges::find(found, endpoint) == found.end()) found.push_back(endpoint);
  }
  if (found.empty()) {
    throw std::system_error(resolver_error(EAI_NONAME), in_words(host, version));
  }
  return found;
}

}  // namespace netduel::os

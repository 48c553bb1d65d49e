#include "os/lab_mounts_linux.hpp"

#include "support/catch.hpp"

using netduel::os::hosts_with;

TEST_CASE("a lab's lines follow the machine's own names", "[lab]") {
  CHECK(hosts_with("127.0.0.1 localhost # the loopback\n\n# end\n", "10.0.0.1 a\n10.0.0.2 b\n") ==
        "127.0.0.1 localhost # the loopback\n\n# end\n10.0.0.1 a\n10.0.0.2 b\n");
  CHECK(hosts_with("", "10.0.0.1 a\n") == "10.0.0.1 a\n");
  CHECK(hosts_with("127.0.0.1 localhost", "10.0.0.1 a") == "127.0.0.1 localhost\n10.0.0.1 a\n");
}

TEST_CASE("what the machine calls a and b is not so in a lab, and its other names stay", "[lab]") {
  CHECK(hosts_with("192.0.2.1 a\n192.0.2.2\tbox  b a.example # b\n192.0.2.3 ab\n",
                   "10.0.0.1 a\n10.0.0.2 b\n") ==
        "192.0.2.2 box a.example\n192.0.2.3 ab\n10.0.0.1 a\n10.0.0.2 b\n");
}

#!/usr/bin/env python3
"""docs/library.md shows code that compiles, and points at what is there."""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

PROJECT = pathlib.Path(__file__).resolve().parents[2]
GUIDE = PROJECT / "docs/library.md"
COMPILER = os.environ.get("CXX", "c++")

# What the guide says of its snippets, which are the bodies of functions.
GIVEN = """
using namespace netduel;
using namespace std::chrono_literals;
[[maybe_unused]] static Deadline in(std::chrono::nanoseconds time) {
  return std::chrono::steady_clock::now() + time;
}
template <class... Values>
void use(const Values&...) {}
"""


def snippets():
    """The C++ of the guide, each with the number of the line before it."""
    text = GUIDE.read_text()
    for block in re.finditer(r"^```cpp\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        yield text.count("\n", 0, block.start(1)), block[1]


def program():
    """All snippets as one source; what a compiler says of a line names that of the guide."""
    includes, bodies = [], []
    for line, snippet in snippets():
        body = [text for text in snippet.splitlines() if not text.startswith("#include")]
        includes += [text for text in snippet.splitlines() if text.startswith("#include")]
        start = line + 1 + len(snippet.splitlines()) - len(body)
        bodies.append("\n".join([f"void snippet_{line}();", f"void snippet_{line}() {{",
                                 f'#line {start} "{GUIDE.name}"', *body, "}"]))
    return "\n".join([*includes, GIVEN, *bodies, ""])


def compile_text(text):
    with tempfile.TemporaryDirectory() as place:
        source = pathlib.Path(place) / "snippets.cpp"
        source.write_text(text)
        return subprocess.run(
            [COMPILER, "-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Wpedantic",
             "-Wconversion", "-Wshadow", "-Werror", f"-I{PROJECT / 'lib/include'}", source],
            capture_output=True, text=True, timeout=120)


class Guide(unittest.TestCase):
    def test_its_snippets_compile(self):
        self.assertGreater(len(list(snippets())), 4)
        result = compile_text(program())
        self.assertEqual(result.returncode, 0, result.stderr)

    def test_a_snippet_that_does_not_compile_is_found(self):
        self.assertIn("UdpSocket::open", program())
        result = compile_text(program().replace("UdpSocket::open", "UdpSocket::opened", 1))
        self.assertNotEqual(result.returncode, 0)
        self.assertIn(GUIDE.name, result.stderr)

    def test_what_it_points_at_is_there(self):
        prose = re.sub(r"^```.*?^```$", "", GUIDE.read_text(), flags=re.MULTILINE | re.DOTALL)
        links = re.findall(r"\]\(([^)#:]+)\)", prose)
        self.assertTrue(links)
        for link in links:
            self.assertTrue((GUIDE.parent / link).exists(), link)

    def test_it_names_every_example_and_every_header(self):
        text = GUIDE.read_text()
        for path in (PROJECT / "examples").glob("*.cpp"):
            self.assertIn(f"(../examples/{path.name})", text)
        # These come with others and tell users nothing.
        for path in (PROJECT / "lib/include").rglob("*.hpp"):
            if path.stem not in ("export", "readiness"):
                floor = re.search(rf"^- `netduel/{path.parent.name}/`:(?:.|\n(?!-))*", text, re.M)
                self.assertIn(f"`{path.stem}`", floor[0])


if __name__ == "__main__":
    unittest.main(verbosity=2)

// What the two sides tell each other when a test has ended.

#include "documents.hpp"

using namespace netduel;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::as_text(data, size);
  fuzz::check_document(text, longest_document_octets, results_from_json, results_to_json);
  fuzz::check_document(text, longest_document_octets, seals_from_json, seals_to_json);
  return 0;
}

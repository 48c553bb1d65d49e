// What a client asks for, and what a server grants.

#include "documents.hpp"

using namespace netduel;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::as_text(data, size);
  fuzz::check_document(text, longest_parameters_octets, parameters_from_json, parameters_to_json);
  fuzz::check_document(text, longest_document_octets, terms_from_json, terms_to_json);
  return 0;
}

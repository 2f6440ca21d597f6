// SPDX-License-Identifier: Apache-2.0
#include "native/cli/npy.h"

#include <array>
#include <charconv>
#include <cstring>
#include <string_view>
#include <utility>

#include "core/base/text.h"

namespace synsight::cli {

namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr size_t kAlignment = 64;  // of the elements, in every version

struct DTypeCode {
  DType dtype;
  std::string_view code;  // NumPy's, without the byte order
};

constexpr std::array<DTypeCode, 12> kDTypeCodes = {{
    {DType::kFloat32, "f4"},
    {DType::kFloat16, "f2"},
    {DType::kFloat64, "f8"},
    {DType::kInt8, "i1"},
    {DType::kInt16, "i2"},
    {DType::kInt32, "i4"},
    {DType::kInt64, "i8"},
    {DType::kUInt8, "u1"},
    {DType::kUInt16, "u2"},
    {DType::kUInt32, "u4"},
    {DType::kUInt64, "u8"},
    {DType::kBool, "b1"},
}};

tl::unexpected<Error> damaged(std::string_view what) {
  return fail(ErrorCode::kInvalidArgument, concat({"not a good .npy file: ", what}));
}

// What a header says.
struct Header {
  DType dtype = DType::kUndefined;
  Shape shape;
  bool has_shape = false;
  bool has_order = false;
};

// Reads the header's text, a Python dictionary of three known keys.
class HeaderParser {
 public:
  explicit HeaderParser(std::string_view text) : rest_(text) {}

  Result<Header> parse() {
    if (!accept('{')) return damaged("its header is no dictionary");
    while (!accept('}')) {
      SYNSIGHT_TRY_ASSIGN(const std::string_view key, parse_string());
      if (!accept(':')) return damaged("its header has a key without a value");
      SYNSIGHT_TRY(parse_value(key));
      if (!accept(',') && !rest_.starts_with('}')) return damaged("its header is cut");
    }
    skip_blanks();
    if (!rest_.empty()) return damaged("text follows its header's dictionary");
    if (header_.dtype == DType::kUndefined || !header_.has_shape || !header_.has_order) {
      return damaged("its header lacks descr, fortran_order or shape");
    }
    return header_;
  }

 private:
  void skip_blanks() {
    const size_t begin = rest_.find_first_not_of(" \n");
    rest_.remove_prefix(begin == std::string_view::npos ? rest_.size() : begin);
  }

  // Takes the character, and the blanks on both sides of it, where it comes next.
  bool accept(char wanted) {
    skip_blanks();
    if (!rest_.starts_with(wanted)) return false;
    rest_.remove_prefix(1);
    skip_blanks();
    return true;
  }

  bool accept_word(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }

  Result<std::string_view> parse_string() {
    const char quote = rest_.empty() ? '\0' : rest_.front();
    const size_t end = rest_.find(quote, 1);
    if ((quote != '\'' && quote != '"') || end == std::string_view::npos) {
      return damaged("its header has no text where one is wanted");
    }
    const std::string_view text = rest_.substr(1, end - 1);
    rest_.remove_prefix(end + 1);
    return text;
  }

  Status parse_value(std::string_view key) {
    if (key == "descr") return parse_descr();
    if (key == "fortran_order") return parse_order();
    if (key == "shape") return parse_shape();
    return damaged(concat({"its header has an unknown key \"", key, "\""}));
  }

  Status parse_descr() {
    if (rest_.starts_with('[')) {
      return fail(ErrorCode::kUnsupportedType, "its elements are records, wanted plain numbers");
    }
    SYNSIGHT_TRY_ASSIGN(const std::string_view descr, parse_string());
    if (descr.starts_with('>')) {
      return fail(ErrorCode::kUnsupportedType,
                  concat({"its elements are big-endian (", descr, "), wanted little-endian"}));
    }
    const bool names_order = descr.starts_with('<') || descr.starts_with('|');
    for (const DTypeCode& known : kDTypeCodes) {
      if (names_order && descr.substr(1) == known.code) header_.dtype = known.dtype;
    }
    if (header_.dtype != DType::kUndefined) return {};
    return fail(ErrorCode::kUnsupportedType,
                concat({"its elements have the unknown type \"", descr, "\""}));
  }

  Status parse_order() {
    if (accept_word("True")) {
      return fail(ErrorCode::kUnsupportedType,
                  "its elements are in Fortran order, wanted C order (numpy.ascontiguousarray)");
    }
    header_.has_order = accept_word("False");
    return header_.has_order ? Status() : damaged("fortran_order is neither True nor False");
  }

  Status parse_shape() {
    if (!accept('(')) return damaged("its shape is no tuple");
    Shape shape;
    while (!accept(')')) {
      int64_t dim = 0;
      const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), dim);
      if (error != std::errc() || dim < 0) return damaged("its shape is no tuple of sizes");
      if (shape.rank() == Shape::kMaxRank) return damaged("it has more than 8 dimensions");
      shape.push_back(dim);
      rest_.remove_prefix(static_cast<size_t>(end - rest_.data()));
      if (!accept(',') && !rest_.starts_with(')')) return damaged("its shape is cut");
    }
    header_.shape = shape;
    header_.has_shape = true;
    return {};
  }

  std::string_view rest_;
  Header header_;
};

// Splits the file's bytes into the header's text and the elements.
Result<std::pair<std::string_view, std::string_view>> split(std::string_view bytes) {
  if (!bytes.starts_with(kMagic)) return damaged("it does not begin with NumPy's magic bytes");
  bytes.remove_prefix(kMagic.size());
  if (bytes.size() < 2) return damaged("it is cut");
  const int version = static_cast<unsigned char>(bytes[0]);
  if (version < 1 || version > 3) return damaged(concat({"unknown format version ", version}));
  bytes.remove_prefix(2);
  const size_t length_bytes = version == 1 ? 2 : 4;
  if (bytes.size() < length_bytes) return damaged("it is cut");
  size_t header_bytes = 0;
  for (size_t i = length_bytes; i-- > 0;) {
    header_bytes = header_bytes << 8 | static_cast<unsigned char>(bytes[i]);
  }
  bytes.remove_prefix(length_bytes);
  if (bytes.size() < header_bytes) return damaged("its header is cut");
  return std::pair(bytes.substr(0, header_bytes), bytes.substr(header_bytes));
}

}  // namespace

Result<Tensor> parse_npy(std::span<const std::byte> bytes) {
  SYNSIGHT_TRY_ASSIGN(const auto parts,
                      split({reinterpret_cast<const char*>(bytes.data()), bytes.size()}));
  const auto& [text, elements] = parts;
  SYNSIGHT_TRY_ASSIGN(const Header header, HeaderParser(text).parse());
  SYNSIGHT_TRY_ASSIGN(const size_t num_elements, header.shape.checked_num_elements());
  const size_t element_bytes = dtype_size(header.dtype);
  if (elements.size() % element_bytes != 0 || elements.size() / element_bytes != num_elements) {
    return damaged(concat({"it holds ", elements.size(), " bytes of elements, shape ",
                           header.shape.to_string(), " of ", dtype_name(header.dtype),
                           " wants another number"}));
  }
  SYNSIGHT_TRY_ASSIGN(Tensor tensor, Tensor::allocate(header.dtype, header.shape));
  if (!elements.empty()) std::memcpy(tensor.data(), elements.data(), elements.size());
  return tensor;
}

Result<std::string> npy_header(DType dtype, const Shape& shape) {
  std::string_view code;
  for (const DTypeCode& known : kDTypeCodes) {
    if (known.dtype == dtype) code = known.code;
  }
  if (code.empty()) {
    return fail(ErrorCode::kUnsupportedType, concat({"NumPy has no ", dtype_name(dtype)}));
  }
  std::string dims;
  for (const int64_t dim : shape.dims()) dims += concat({dim, ", "});
  std::string text = concat({"{'descr': '", dtype_size(dtype) == 1 ? "|" : "<", code,
                             "', 'fortran_order': False, 'shape': (", dims, "), }"});
  const size_t prefix_bytes = kMagic.size() + 4;
  const size_t unpadded_bytes = prefix_bytes + text.size() + 1;
  text.append((kAlignment - unpadded_bytes % kAlignment) % kAlignment, ' ');
  text += '\n';
  std::string header(kMagic);
  header +=
      {'\x01', '\x00', static_cast<char>(text.size() & 0xff), static_cast<char>(text.size() >> 8)};
  return header + text;
}

}  // namespace synsight::cli

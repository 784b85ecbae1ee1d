#include "config/yaml_reader.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <sstream>
#include <string>
#include <utility>

namespace ghstats::config {
namespace {

constexpr const char* kNoAliases =
    "aliases (*name) are not supported; write the value out, in quotes if it starts with *";

Position position_of(const YAML::Mark& mark) {
  if (mark.is_null()) return {1, 1};
  return {mark.line + 1, mark.column + 1};
}

// Leaves the parser from inside one of its callbacks.
struct Refused {
  Position position;
  std::string message;
};

// Builds the tree from events instead of YAML::Node: events tell where an alias stands (a Node's mark is its anchor's),
// and nothing is ever shared or cyclic.
class TreeBuilder final : public YAML::EventHandler {
 public:
  [[nodiscard]] Node take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override { root_.position = position_of(mark); }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override { add(node_at(mark, Node::Kind::kNull)); }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    Node node = node_at(mark, Node::Kind::kInvalid);
    node.text = kNoAliases;
    add(std::move(node));
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t /*anchor*/,
                const std::string& value) override {
    Node node = node_at(mark, Node::Kind::kScalar);
    node.text = value;
    node.is_quoted = tag == "!";
    if (!tag.empty() && tag != "?" && tag != "!") refuse_tag(node);
    add(std::move(node));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t /*anchor*/,
                       YAML::EmitterStyle::value /*style*/) override {
    open(mark, tag, Node::Kind::kSequence);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t /*anchor*/,
                  YAML::EmitterStyle::value /*style*/) override {
    open(mark, tag, Node::Kind::kMap);
  }
  void OnMapEnd() override { close(); }

 private:
  [[nodiscard]] Node node_at(const YAML::Mark& mark, Node::Kind kind) {
    if (++nodes_ > kMostNodes) {
      throw Refused{position_of(mark), fmt::format("more than {} values; a configuration is smaller", kMostNodes)};
    }
    Node node;
    node.kind = kind;
    node.position = position_of(mark);
    return node;
  }

  static void refuse_tag(Node& node) {
    node.kind = Node::Kind::kInvalid;
    node.text = "tags (!name) are not supported; write the value without it";
  }

  void open(const YAML::Mark& mark, const std::string& tag, Node::Kind kind) {
    if (open_.size() == kDeepestNesting) {
      throw Refused{position_of(mark), fmt::format("nested deeper than {} levels; no key needs that", kDeepestNesting)};
    }
    open_.push_back(node_at(mark, kind));
    if (!tag.empty() && tag != "?" && tag != "!") refuse_tag(open_.back());
  }

  void close() {
    Node node = std::move(open_.back());
    open_.pop_back();
    add(std::move(node));
  }

  void add(Node node) {
    if (open_.empty()) {
      root_ = std::move(node);
    } else {
      open_.back().children.push_back(std::move(node));
    }
  }

  Node root_;
  std::vector<Node> open_;
  std::size_t nodes_ = 0;
};

// Length of the valid UTF-8 sequence at the start of a non-empty text, 0 when there is none (RFC 3629).
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return 0;
  }
  const unsigned char second = byte(1);
  const bool overlong = (lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90);
  const bool impossible = (lead == 0xED && second > 0x9F) || (lead == 0xF4 && second > 0x8F);
  return overlong || impossible ? 0 : length;
}

// yaml-cpp repairs bad UTF-8 silently, reads UTF-16, and takes byte 04 for the end of the file.
bool has_only_text(std::string_view text, ProblemList& problems) {
  Position position{1, 1};
  while (!text.empty()) {
    const auto byte = static_cast<unsigned char>(text.front());
    const std::size_t length = sequence_length(text);
    if (length == 0) {
      problems.add(position, "", fmt::format("byte 0x{:02x} is not valid UTF-8; save the file as UTF-8", byte));
      return false;
    }
    if ((byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7F) {
      problems.add(position, "", fmt::format("control character 0x{:02x} is not allowed", byte));
      return false;
    }
    text.remove_prefix(length);
    if (byte == '\n') {
      position = {position.line + 1, 1};
    } else {
      position.column += static_cast<int>(length);
    }
  }
  return true;
}

std::string describe(const YAML::ParserException& e) {
  // This one quotes the file, and what follows '*' may be a password.
  if (e.msg.starts_with(YAML::ErrorMsg::UNKNOWN_ANCHOR)) return kNoAliases;
  return "not valid YAML: " + e.msg;
}

}  // namespace

std::optional<Node> read_yaml(std::string_view text, ProblemList& problems) {
  if (!has_only_text(text, problems)) return std::nullopt;
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    TreeBuilder first;
    if (!parser.HandleNextDocument(first)) return Node{.position = {1, 1}};
    Node root = first.take();
    TreeBuilder second;
    if (parser.HandleNextDocument(second)) {
      problems.add(second.take().position, "", "a second YAML document; a configuration is one document");
      return std::nullopt;
    }
    return root;
  } catch (const Refused& refused) {
    problems.add(refused.position, "", refused.message);
  } catch (const YAML::ParserException& e) {
    problems.add(position_of(e.mark), "", describe(e));
  } catch (const YAML::Exception& e) {
    // DeepRecursion and BadFile; neither can be reached past TreeBuilder's own limit and an in-memory stream.
    problems.add(position_of(e.mark), "", "not valid YAML");
  }
  return std::nullopt;
}

}  // namespace ghstats::config

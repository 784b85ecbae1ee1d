// Text of unknown origin made safe for one line of output.
#pragma once

#include <string>
#include <string_view>

namespace ghstats::log {

// Appends the inside of a JSON string: quotes, backslashes, control characters (C0, DEL, C1), line and paragraph
// separators and bidirectional overrides are escaped; each byte that is not UTF-8 becomes \ufffd. The result is valid
// UTF-8 without line breaks.
void append_json_escaped(std::string& out, std::string_view text);

// Appends `text` for people: printable UTF-8 as it is, the characters named above as \n, \t, \u009b, a byte that is not
// UTF-8 as \xff. Quotes and backslashes are escaped only when `quoted`.
void append_text_escaped(std::string& out, std::string_view text, bool quoted);

// Appends `text`, in double quotes when it is empty or holds blanks, '=', quotes, backslashes or anything escaped.
void append_text_value(std::string& out, std::string_view text);

}  // namespace ghstats::log

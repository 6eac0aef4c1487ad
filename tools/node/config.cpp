#include "tools/node/config.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <limits>
#include <map>
#include <optional>
#include <sstream>
#include <toml++/toml.h>

#include "tools/node/settings.hpp"

namespace bv::tools {
namespace {

/// Edits that a misspelt key may be away from what it was meant to be.
constexpr std::size_t misspelling_max = 3;

std::size_t edits_between(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1])});
      diagonal = above;
    }
  }
  return row[b.size()];
}

std::string nearest(std::string_view word, const std::vector<std::string>& known) {
  std::string best;
  std::size_t distance = std::min(misspelling_max, word.size() - (word.empty() ? 0 : 1)) + 1;
  for (const auto& candidate : known)
    if (const auto edits = edits_between(word, candidate); edits < distance) {
      distance = edits;
      best = candidate;
    }
  return best;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::vector<std::string> section_names() {
  std::vector<std::string> names;
  for (const auto& each : all_settings())
    if (names.empty() || names.back() != each.section) names.emplace_back(each.section);
  return names;
}

std::vector<std::string> keys_of(std::string_view section) {
  std::vector<std::string> names;
  for (const auto& each : all_settings())
    if (each.section == section) names.emplace_back(each.key);
  return names;
}

const setting* find_setting(std::string_view section, std::string_view key) {
  for (const auto& each : all_settings())
    if (each.section == section && each.key == key) return &each;
  return nullptr;
}

error problem(std::string code, std::string message, std::string where) {
  return {error_kind::invalid, std::move(code), std::move(message), std::move(where)};
}

error unknown_key(const std::string& section, std::string_view key, std::string where) {
  std::string message = "[" + section + "] has no key \"" + std::string(key) + "\"; ";
  const auto known = keys_of(section);
  std::string elsewhere;
  for (const auto& each : all_settings())
    if (each.key == key) elsewhere = each.section;
  if (const auto close = nearest(key, known); !close.empty())
    message += "did you mean \"" + close + "\"?";
  else if (!elsewhere.empty())
    message += "it belongs to [" + elsewhere + "]";
  else
    message += "it knows " + joined(known);
  return problem("config_unknown_key", std::move(message), std::move(where));
}

error unknown_section(std::string_view name, std::string where) {
  const auto known = section_names();
  const auto close = nearest(name, known);
  return problem("config_unknown_section",
                 "there is no section [" + std::string(name) + "]; " +
                     (close.empty() ? "there are " + joined(known) : "did you mean [" + close + "]?"),
                 std::move(where));
}

std::string_view kind_name(setting_kind kind) {
  switch (kind) {
    case setting_kind::text: return "a text in quotes";
    case setting_kind::integer: return "a whole number";
    case setting_kind::boolean: return "true or false";
    case setting_kind::list: return "a list of texts";
  }
  return "";
}

std::optional<setting_value> from_toml(const toml::node& node) {
  if (const auto* text = node.as_string()) return setting_value{text->get()};
  if (const auto* number = node.as_integer()) return setting_value{number->get()};
  if (const auto* flag = node.as_boolean()) return setting_value{flag->get()};
  if (const auto* list = node.as_array()) {
    std::vector<std::string> texts;
    for (const auto& each : *list) {
      if (!each.is_string()) return std::nullopt;
      texts.push_back(each.as_string()->get());
    }
    return setting_value{std::move(texts)};
  }
  return std::nullopt;
}

/// The environment has texts only, so the setting's kind says how to read one. A list's members stand between commas.
std::optional<setting_value> from_text(setting_kind kind, const std::string& text) {
  switch (kind) {
    case setting_kind::text: return setting_value{text};
    case setting_kind::boolean:
      if (text != "true" && text != "false") return std::nullopt;
      return setting_value{text == "true"};
    case setting_kind::integer: {
      std::int64_t number = 0;
      const char* end = text.data() + text.size();
      const auto [stopped, fault] = std::from_chars(text.data(), end, number);
      if (fault != std::errc{} || stopped != end) return std::nullopt;
      return setting_value{number};
    }
    case setting_kind::list: {
      std::vector<std::string> members;
      std::istringstream rest(text);
      for (std::string member; std::getline(rest, member, ',');) members.push_back(member);
      return setting_value{std::move(members)};
    }
  }
  return std::nullopt;
}

void store(node_config& config, const setting& what, const std::optional<setting_value>& value,
           const std::string& where, config_problems& problems) {
  const std::string name = "[" + std::string(what.section) + "] " + std::string(what.key);
  if (!value || value->index() != static_cast<std::size_t>(what.kind)) {
    problems.push_back(
        problem("config_type", name + " must be " + std::string(kind_name(what.kind)) + ": " + std::string(what.accepts),
                where));
    return;
  }
  if (auto stored = what.store(config, *value); !stored)
    problems.push_back(problem(stored.error().code, name + ": " + stored.error().message, where));
}

void read_tables(node_config& config, const toml::table& root, const std::string& name, config_problems& problems) {
  const auto place = [&](const toml::source_region& region) {
    return name + ":" + std::to_string(region.begin.line);
  };
  const auto sections = section_names();
  for (const auto& [section_key, section_node] : root) {
    const std::string section(section_key.str());
    if (std::find(sections.begin(), sections.end(), section) == sections.end()) {
      problems.push_back(unknown_section(section, place(section_key.source())));
      continue;
    }
    const auto* table = section_node.as_table();
    if (table == nullptr) {
      problems.push_back(problem("config_type", "[" + section + "] is a section, not a value", place(section_key.source())));
      continue;
    }
    for (const auto& [key, node] : *table) {
      const auto where = place(key.source());
      if (const auto* known = find_setting(section, key.str()))
        store(config, *known, from_toml(node), where, problems);
      else
        problems.push_back(unknown_key(section, key.str(), where));
    }
  }
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

void read_environment(node_config& config, const environment& variables, config_problems& problems) {
  for (const auto& [name, value] : variables) {
    if (!name.starts_with("BV_")) continue;
    const setting* known = nullptr;
    for (const auto& each : all_settings())
      if (environment_name(each) == name) known = &each;
    if (known != nullptr) {
      store(config, *known, from_text(known->kind, value), name, problems);
      continue;
    }
    // Other programs may have BV_ variables of their own; with one of our sections in the name it is a mistake.
    for (const auto& section : section_names()) {
      const std::string rest = lower(std::string_view(name).substr(3));
      if (rest.starts_with(section + "_"))
        problems.push_back(unknown_key(section, std::string_view(rest).substr(section.size() + 1), name));
    }
  }
}

/// Line of a problem of the file `name`, or the greatest number: the environment comes after the file.
unsigned long line_of(const error& what, const std::string& name) {
  unsigned long line = std::numeric_limits<unsigned long>::max();
  if (what.context.starts_with(name + ":")) {
    const char* begin = what.context.data() + name.size() + 1;
    std::from_chars(begin, what.context.data() + what.context.size(), line);
  }
  return line;
}

/// What one key alone can't tell.
void check_cluster(const node_config& config, const std::string& name, config_problems& problems) {
  const auto& cluster = config.cluster;
  const bool all_files = !cluster.certificate.empty() && !cluster.key.empty() && !cluster.authority.empty();
  const bool any_file = !cluster.certificate.empty() || !cluster.key.empty() || !cluster.authority.empty();
  if (cluster.wanted() && !cluster.insecure && !all_files)
    problems.push_back(problem("config_value",
                               "[cluster]: the links between nodes need certificate, key and authority "
                               "(`bv admin ca` makes them), or insecure = true on a network that nobody else reaches",
                               name));
  if (cluster.insecure && any_file)
    problems.push_back(problem("config_value", "[cluster]: insecure = true and certificates contradict each other", name));
  if (!cluster.wanted() && cluster.replicas > 1)
    problems.push_back(problem("config_value", "[cluster] replicas: a node without seeds is alone; it must be 1", name));
  if (cluster.wanted() && cluster.replicas > cluster.seeds.size())
    problems.push_back(problem("config_value",
                               "[cluster] replicas: " + std::to_string(cluster.seeds.size()) +
                                   " seeds can't hold " + std::to_string(cluster.replicas) + " replicas",
                               name));
}

}  // namespace

std::string to_text(const listen_address& address) {
  const bool six = address.host.find(':') != std::string::npos;
  return (six ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

tl::expected<node_config, config_problems> read_config(std::string_view text, const std::string& name,
                                                       const environment& variables) {
  node_config config;
  config_problems problems;
  try {
    read_tables(config, toml::parse(text, name), name, problems);
  } catch (const toml::parse_error& fault) {
    problems.push_back(problem("config_syntax", std::string(fault.description()),
                               name + ":" + std::to_string(fault.source().begin.line)));
  }
  std::stable_sort(problems.begin(), problems.end(),
                   [&](const error& a, const error& b) { return line_of(a, name) < line_of(b, name); });
  read_environment(config, variables, problems);
  if (problems.empty()) check_cluster(config, name, problems);
  if (!problems.empty()) return tl::unexpected<config_problems>(std::move(problems));
  return config;
}

tl::expected<node_config, config_problems> load_config(const std::string& path, const environment& variables) {
  std::ifstream file(path);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf()))
    return tl::unexpected<config_problems>(
        {problem("config_unreadable", "the config file can't be read (is it there, and readable?)", path)});
  return read_config(text.str(), path, variables);
}

}  // namespace bv::tools
